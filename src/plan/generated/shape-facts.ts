// Made by `npm run generate` from schemas/plan.v1.schema.json. Change that file, not this one.

export interface ShapeFact {
  /** The keys of a map, each with the fact about its value. */
  readonly keys?: Readonly<Record<string, string>>;
  /** The fact about each item of a list. */
  readonly items?: string;
  /** The fact about the values of keys that are not named. */
  readonly others?: string;
  /** The keys that must be there. */
  readonly required?: readonly string[];
  /** For each alternative of a `oneOf`, the keys that make it. */
  readonly choices?: readonly (readonly string[])[];
  /** How people would say the rule, where it is a pattern. */
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** By place in the schema; `#` is the plan itself. */
export const SHAPE_FACTS: Readonly<Record<string, ShapeFact>> = {
  "#/properties/version": {
    "examples": [
      1
    ]
  },
  "#/properties/name": {
    "examples": [
      "add-order-currency"
    ]
  },
  "#/properties/targets": {
    "others": "#/$defs/target",
    "examples": [
      {
        "main": {
          "url": "${env:DATABASE_URL}"
        },
        "tenant": {
          "url": "${env:TENANT_URL}"
        }
      }
    ]
  },
  "#/properties/vars": {
    "others": "#/$defs/word",
    "examples": [
      {
        "currency": "EUR"
      }
    ]
  },
  "#/properties/steps": {
    "items": "#/$defs/step"
  },
  "#/properties/rollback": {
    "items": "#/$defs/step"
  },
  "#/properties/finally": {
    "items": "#/$defs/step"
  },
  "#": {
    "keys": {
      "version": "#/properties/version",
      "name": "#/properties/name",
      "description": "#/$defs/description",
      "target": "#/$defs/target",
      "targets": "#/properties/targets",
      "vars": "#/properties/vars",
      "steps": "#/properties/steps",
      "rollback": "#/properties/rollback",
      "finally": "#/properties/finally",
      "on_failure": "#/$defs/onFailure",
      "guards": "#/$defs/guards",
      "quiesce": "#/$defs/quiesce"
    },
    "required": [
      "version",
      "steps"
    ],
    "choices": [
      [
        "target"
      ],
      [
        "targets"
      ]
    ]
  },
  "#/$defs/description": {},
  "#/$defs/word": {
    "examples": [
      "EUR"
    ]
  },
  "#/$defs/scalar": {
    "examples": [
      "EUR",
      100,
      true,
      null
    ]
  },
  "#/$defs/stepId": {
    "description": "Names the step; unique in the whole plan. Left out: made from its kind and place, like `sql-2`.",
    "examples": [
      "before",
      "migrate"
    ]
  },
  "#/$defs/stepRef": {
    "examples": [
      "before"
    ]
  },
  "#/$defs/targetName": {
    "description": "Names a target.",
    "examples": [
      "main",
      "tenant"
    ]
  },
  "#/$defs/variableName": {
    "description": "Names a variable.",
    "examples": [
      "currency"
    ]
  },
  "#/$defs/duration": {
    "description": "A number and a unit: ms, s, m, h, d.",
    "examples": [
      "90s",
      "10m",
      "1h30m"
    ]
  },
  "#/$defs/size": {
    "description": "A number and a unit: KiB, MiB, GiB, TiB (powers of 1024) or KB, MB, GB, TB (powers of 1000).",
    "examples": [
      "20GiB",
      "500MiB"
    ]
  },
  "#/$defs/snapshotName": {
    "description": "A name on the server: letters, digits, _, - and ., at most 64 characters; upper case is folded to lower.",
    "examples": [
      "before_release"
    ]
  },
  "#/$defs/names": {
    "items": "#/$defs/name",
    "examples": [
      [
        "shop"
      ]
    ]
  },
  "#/$defs/name": {
    "examples": [
      "shop"
    ]
  },
  "#/$defs/table": {
    "examples": [
      "shop.orders",
      "orders"
    ]
  },
  "#/$defs/tables": {
    "items": "#/$defs/table",
    "examples": [
      [
        "shop.orders",
        "shop.items"
      ]
    ]
  },
  "#/$defs/tablePatterns": {
    "items": "#/$defs/table",
    "examples": [
      [
        "shop.*"
      ]
    ]
  },
  "#/$defs/target/properties/url": {
    "examples": [
      "${env:DATABASE_URL}"
    ]
  },
  "#/$defs/target": {
    "keys": {
      "url": "#/$defs/target/properties/url"
    },
    "required": [
      "url"
    ],
    "examples": [
      {
        "url": "${env:DATABASE_URL}"
      }
    ]
  },
  "#/$defs/onFailure": {},
  "#/$defs/guards/properties/writers": {},
  "#/$defs/guards/properties/wide/items": {},
  "#/$defs/guards/properties/wide": {
    "items": "#/$defs/guards/properties/wide/items",
    "examples": [
      [
        "account"
      ]
    ]
  },
  "#/$defs/guards/properties/url/items": {},
  "#/$defs/guards/properties/url": {
    "items": "#/$defs/guards/properties/url/items",
    "examples": [
      [
        "db-test-*",
        "localhost:*"
      ]
    ]
  },
  "#/$defs/guards": {
    "keys": {
      "writers": "#/$defs/guards/properties/writers",
      "wide": "#/$defs/guards/properties/wide",
      "url": "#/$defs/guards/properties/url"
    }
  },
  "#/$defs/quiesce/properties/lock_users/items": {},
  "#/$defs/quiesce/properties/lock_users": {
    "items": "#/$defs/quiesce/properties/lock_users/items",
    "examples": [
      [
        "app@'%'"
      ]
    ]
  },
  "#/$defs/quiesce": {
    "keys": {
      "lock_users": "#/$defs/quiesce/properties/lock_users"
    },
    "required": [
      "lock_users"
    ]
  },
  "#/$defs/retry/properties/attempts": {
    "examples": [
      3
    ]
  },
  "#/$defs/retry/properties/on/items": {},
  "#/$defs/retry/properties/on": {
    "items": "#/$defs/retry/properties/on/items",
    "examples": [
      [
        "deadlock"
      ]
    ]
  },
  "#/$defs/retry": {
    "keys": {
      "attempts": "#/$defs/retry/properties/attempts",
      "delay": "#/$defs/duration",
      "on": "#/$defs/retry/properties/on"
    },
    "examples": [
      {
        "attempts": 3,
        "on": [
          "deadlock"
        ]
      }
    ]
  },
  "#/$defs/step/properties/undo": {
    "items": "#/$defs/step"
  },
  "#/$defs/step/properties/in_doubt": {},
  "#/$defs/step": {
    "keys": {
      "id": "#/$defs/stepId",
      "description": "#/$defs/description",
      "snapshot": "#/$defs/snapshot",
      "sql": "#/$defs/sql",
      "run": "#/$defs/run",
      "verify": "#/$defs/verify",
      "restore": "#/$defs/restore",
      "drop": "#/$defs/drop",
      "timeout": "#/$defs/duration",
      "retry": "#/$defs/retry",
      "on_failure": "#/$defs/onFailure",
      "undo": "#/$defs/step/properties/undo",
      "in_doubt": "#/$defs/step/properties/in_doubt",
      "target": "#/$defs/targetName"
    },
    "choices": [
      [
        "snapshot"
      ],
      [
        "sql"
      ],
      [
        "run"
      ],
      [
        "verify"
      ],
      [
        "restore"
      ],
      [
        "drop"
      ]
    ]
  },
  "#/$defs/snapshot/properties/cluster": {},
  "#/$defs/snapshot/properties/account": {
    "examples": [
      "acc1",
      true
    ]
  },
  "#/$defs/snapshot/properties/replace": {},
  "#/$defs/snapshot/properties/if_missing": {},
  "#/$defs/snapshot/properties/keep": {
    "description": "How long it stays: `always`, `on-failure`, or a duration. Left out: dropped at a proven verdict; `always` where it has a name.",
    "examples": [
      "always",
      "on-failure",
      "24h"
    ]
  },
  "#/$defs/snapshot/properties/lock": {},
  "#/$defs/snapshot": {
    "keys": {
      "cluster": "#/$defs/snapshot/properties/cluster",
      "account": "#/$defs/snapshot/properties/account",
      "databases": "#/$defs/names",
      "tables": "#/$defs/tables",
      "name": "#/$defs/snapshotName",
      "replace": "#/$defs/snapshot/properties/replace",
      "if_missing": "#/$defs/snapshot/properties/if_missing",
      "keep": "#/$defs/snapshot/properties/keep",
      "lock": "#/$defs/snapshot/properties/lock",
      "max_stall": "#/$defs/duration",
      "max_copy": "#/$defs/size"
    },
    "choices": [
      [
        "cluster"
      ],
      [
        "account"
      ],
      [
        "databases"
      ],
      [
        "tables"
      ],
      []
    ],
    "examples": [
      {
        "databases": [
          "shop"
        ]
      }
    ]
  },
  "#/$defs/sql/properties/file/items": {},
  "#/$defs/sql/properties/file": {
    "items": "#/$defs/sql/properties/file/items",
    "examples": [
      "sql/add-currency.sql",
      "sql/*.sql"
    ]
  },
  "#/$defs/sql/properties/text": {
    "examples": [
      "DELETE FROM shop.carts"
    ]
  },
  "#/$defs/sql/properties/params": {
    "items": "#/$defs/scalar",
    "examples": [
      [
        "${var:currency}",
        100
      ]
    ]
  },
  "#/$defs/sql/properties/transaction": {},
  "#/$defs/sql": {
    "keys": {
      "file": "#/$defs/sql/properties/file",
      "text": "#/$defs/sql/properties/text",
      "database": "#/$defs/name",
      "params": "#/$defs/sql/properties/params",
      "transaction": "#/$defs/sql/properties/transaction"
    },
    "choices": [
      [],
      [
        "file"
      ],
      [
        "text"
      ]
    ],
    "examples": [
      {
        "file": "sql/add-currency.sql"
      }
    ]
  },
  "#/$defs/command": {
    "items": "#/$defs/word",
    "examples": [
      [
        "npx",
        "prisma",
        "migrate",
        "deploy"
      ]
    ]
  },
  "#/$defs/run/properties/cwd": {
    "examples": [
      "service"
    ]
  },
  "#/$defs/run/properties/env": {
    "others": "#/$defs/word",
    "examples": [
      {
        "NODE_ENV": "production"
      }
    ]
  },
  "#/$defs/run/properties/idempotent": {},
  "#/$defs/run": {
    "keys": {
      "command": "#/$defs/command",
      "cwd": "#/$defs/run/properties/cwd",
      "env": "#/$defs/run/properties/env",
      "idempotent": "#/$defs/run/properties/idempotent"
    },
    "items": "#/$defs/word",
    "required": [
      "command"
    ],
    "examples": [
      [
        "npx",
        "prisma",
        "migrate",
        "deploy"
      ]
    ]
  },
  "#/$defs/severity": {},
  "#/$defs/since": {
    "examples": [
      "before"
    ]
  },
  "#/$defs/verify/properties/queries": {
    "items": "#/$defs/query"
  },
  "#/$defs/verify": {
    "keys": {
      "rows": "#/$defs/rows",
      "queries": "#/$defs/verify/properties/queries",
      "unchanged": "#/$defs/unchanged",
      "schema": "#/$defs/schemaCheck",
      "matches": "#/$defs/matches",
      "since": "#/$defs/since",
      "severity": "#/$defs/severity"
    },
    "examples": [
      {
        "rows": {
          "shop.*": "same"
        }
      }
    ]
  },
  "#/$defs/rows": {
    "others": "#/$defs/rowExpectation",
    "description": "Row counts: `same` for everything that the snapshot covers, or what to expect by table; `*` stands for any run of characters, and the most specific name wins.",
    "examples": [
      "same",
      {
        "shop.*": "same",
        "shop.orders": "no less"
      }
    ]
  },
  "#/$defs/rowExpectation/properties/expect": {
    "description": "The short form, beside `severity` or `since`.",
    "examples": [
      "same",
      "no less",
      "+3"
    ]
  },
  "#/$defs/rowExpectation/properties/min": {
    "examples": [
      1
    ]
  },
  "#/$defs/rowExpectation/properties/max": {
    "examples": [
      1000
    ]
  },
  "#/$defs/rowExpectation/properties/change/properties/min": {
    "examples": [
      -2
    ]
  },
  "#/$defs/rowExpectation/properties/change/properties/max": {
    "examples": [
      10
    ]
  },
  "#/$defs/rowExpectation/properties/change": {
    "keys": {
      "min": "#/$defs/rowExpectation/properties/change/properties/min",
      "max": "#/$defs/rowExpectation/properties/change/properties/max"
    },
    "examples": [
      {
        "min": 0,
        "max": 10
      }
    ]
  },
  "#/$defs/rowExpectation": {
    "keys": {
      "expect": "#/$defs/rowExpectation/properties/expect",
      "min": "#/$defs/rowExpectation/properties/min",
      "max": "#/$defs/rowExpectation/properties/max",
      "change": "#/$defs/rowExpectation/properties/change",
      "same_as": "#/$defs/table",
      "severity": "#/$defs/severity",
      "since": "#/$defs/since"
    },
    "choices": [
      [],
      [
        "expect"
      ],
      [
        "min",
        "max"
      ],
      [
        "change"
      ],
      [
        "same_as"
      ]
    ],
    "description": "`same`, a number, \"+3\", \"-2\", `no less`, `no more`, `new`, `gone`, or an object.",
    "examples": [
      "same",
      100,
      "+3",
      "no less"
    ]
  },
  "#/$defs/query/properties/name": {
    "examples": [
      "every order has a currency"
    ]
  },
  "#/$defs/query/properties/sql": {
    "examples": [
      "SELECT id FROM shop.orders WHERE currency IS NULL"
    ]
  },
  "#/$defs/query/properties/params": {
    "items": "#/$defs/scalar",
    "examples": [
      [
        "EUR"
      ]
    ]
  },
  "#/$defs/query": {
    "keys": {
      "name": "#/$defs/query/properties/name",
      "sql": "#/$defs/query/properties/sql",
      "params": "#/$defs/query/properties/params",
      "database": "#/$defs/name",
      "expect": "#/$defs/queryExpectation",
      "severity": "#/$defs/severity",
      "since": "#/$defs/since"
    },
    "required": [
      "sql",
      "expect"
    ]
  },
  "#/$defs/row": {
    "items": "#/$defs/scalar",
    "others": "#/$defs/scalar",
    "examples": [
      [
        "EUR",
        3
      ],
      {
        "currency": "EUR",
        "orders": 3
      }
    ]
  },
  "#/$defs/queryExpectation/properties/rows": {
    "items": "#/$defs/row",
    "examples": [
      [
        [
          "EUR",
          3
        ],
        [
          "CHF",
          1
        ]
      ]
    ]
  },
  "#/$defs/queryExpectation/properties/ordered": {},
  "#/$defs/queryExpectation/properties/min": {
    "examples": [
      1
    ]
  },
  "#/$defs/queryExpectation/properties/max": {
    "examples": [
      1000
    ]
  },
  "#/$defs/queryExpectation": {
    "keys": {
      "value": "#/$defs/scalar",
      "row": "#/$defs/row",
      "rows": "#/$defs/queryExpectation/properties/rows",
      "ordered": "#/$defs/queryExpectation/properties/ordered",
      "min": "#/$defs/queryExpectation/properties/min",
      "max": "#/$defs/queryExpectation/properties/max",
      "same_as": "#/$defs/stepRef"
    },
    "choices": [
      [],
      [
        "value"
      ],
      [
        "row"
      ],
      [
        "rows"
      ],
      [
        "min",
        "max"
      ],
      [
        "same_as"
      ]
    ],
    "description": "`none`, `some`, or one of value, row, rows, min and max, same_as.",
    "examples": [
      "none",
      "some",
      {
        "value": 100
      }
    ]
  },
  "#/$defs/unchanged": {
    "keys": {
      "tables": "#/$defs/tablePatterns",
      "severity": "#/$defs/severity",
      "since": "#/$defs/since"
    },
    "items": "#/$defs/table",
    "required": [
      "tables"
    ],
    "examples": [
      [
        "shop.*"
      ]
    ]
  },
  "#/$defs/schemaCheck": {
    "keys": {
      "tables": "#/$defs/tablePatterns",
      "except": "#/$defs/tablePatterns",
      "severity": "#/$defs/severity",
      "since": "#/$defs/since"
    },
    "description": "Definitions of every object that must be what they are in the snapshot: `same`, or narrowed.",
    "examples": [
      "same",
      {
        "except": [
          "shop.orders"
        ]
      }
    ]
  },
  "#/$defs/matches": {
    "keys": {
      "snapshot": "#/$defs/stepRef",
      "name": "#/$defs/snapshotName",
      "severity": "#/$defs/severity"
    },
    "choices": [
      [],
      [
        "snapshot"
      ],
      [
        "name"
      ]
    ],
    "examples": [
      "before",
      {
        "name": "before_release"
      }
    ]
  },
  "#/$defs/snapshotRef": {
    "keys": {
      "name": "#/$defs/snapshotName"
    },
    "required": [
      "name"
    ],
    "examples": [
      "before",
      {
        "name": "before_release"
      }
    ]
  },
  "#/$defs/restore/properties/into/properties/account": {
    "examples": [
      "acc2"
    ]
  },
  "#/$defs/restore/properties/into/properties/admin": {
    "examples": [
      "admin"
    ]
  },
  "#/$defs/restore/properties/into/properties/password": {
    "examples": [
      "${env:ADMIN_PASSWORD}"
    ]
  },
  "#/$defs/restore/properties/into": {
    "keys": {
      "account": "#/$defs/restore/properties/into/properties/account",
      "admin": "#/$defs/restore/properties/into/properties/admin",
      "password": "#/$defs/restore/properties/into/properties/password"
    },
    "required": [
      "account",
      "admin",
      "password"
    ]
  },
  "#/$defs/restore": {
    "keys": {
      "snapshot": "#/$defs/snapshotRef",
      "databases": "#/$defs/names",
      "tables": "#/$defs/tables",
      "into": "#/$defs/restore/properties/into"
    },
    "required": [
      "snapshot"
    ],
    "examples": [
      {
        "snapshot": "before"
      }
    ]
  },
  "#/$defs/drop": {
    "keys": {
      "snapshot": "#/$defs/snapshotRef"
    },
    "required": [
      "snapshot"
    ],
    "examples": [
      {
        "snapshot": "before"
      }
    ]
  }
};
