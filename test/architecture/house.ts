// The rules of the house as data. `src/README.md` prints the table of rooms; `tidy.test.ts` keeps the two equal.

export interface Room {
  readonly name: string;
  readonly holds: string;
  /** Rooms that it may import. */
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
}

const CORE = ['kernel', 'plan', 'journal', 'engines', 'verify', 'compile'];

export const ROOMS: readonly Room[] = [
  {
    name: 'kernel',
    holds: 'words everybody uses: ids, results, faults, outcomes, clock',
    rooms: [],
    packages: [],
  },
  { name: 'drawing', holds: 'boxes and arrows -> SVG', rooms: ['kernel'], packages: ['@dagrejs/dagre'] },
  { name: 'plan', holds: 'the plan language', rooms: ['kernel'], packages: ['yaml', 'ajv'] },
  { name: 'journal', holds: 'durable facts about runs', rooms: ['kernel'], packages: [] },
  {
    name: 'engines',
    holds: 'database servers behind one port',
    rooms: ['kernel'],
    packages: ['mysql2', 'dbgate-query-splitter'],
  },
  { name: 'verify', holds: 'checks on data', rooms: ['kernel', 'plan', 'engines'], packages: [] },
  {
    name: 'compile',
    holds: 'plan -> machine, plan -> picture',
    rooms: ['kernel', 'drawing', 'plan'],
    packages: ['xstate'],
  },
  {
    name: 'report',
    holds: 'records -> something to read',
    rooms: ['kernel', 'drawing', 'plan', 'journal'],
    packages: [],
  },
  { name: 'runtime', holds: 'running a machine', rooms: CORE, packages: ['xstate'] },
  {
    name: 'servers',
    holds: 'private throw-away servers, for the demo, the sandbox and tests',
    rooms: ['kernel', 'engines'],
    packages: ['testcontainers'],
  },
  {
    name: 'app',
    holds: 'one function per thing a user can do',
    rooms: [...CORE, 'drawing', 'report', 'runtime', 'servers'],
    packages: ['pino'],
  },
  {
    name: 'cli',
    holds: 'the command-line door',
    rooms: ['kernel', 'report', 'app'],
    packages: ['commander'],
  },
  { name: 'action', holds: 'the GitHub door', rooms: ['kernel', 'report', 'app'], packages: [] },
  {
    name: 'testing',
    holds: "the test runners' door",
    rooms: ['kernel', 'engines', 'servers', 'journal', 'app'],
    packages: ['vitest'],
  },
];

/** Where in its room a package may be imported; a package that is not named here may be anywhere in its room. */
export const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  mysql2: ['engines/wire/'],
  'dbgate-query-splitter': ['engines/sql/'],
  pino: ['app/logging.ts'],
  '@dagrejs/dagre': ['drawing/dagre.ts'],
};

/** What reaches out of the program, and the only places that may (a folder ends in a slash). Paths are below `src/`. */
export const AMBIENT: Readonly<Record<string, readonly string[]>> = {
  'node:fs': [
    'plan/read-plan.ts',
    'journal/node-storage.ts',
    'journal/lock.ts',
    'journal/bundle.ts',
    'journal/journal.ts',
    'journal/list-runs.ts',
    'journal/layout.ts',
    'report/write-report.ts',
    'engines/wire/tls-files.ts',
    'runtime/processes.ts',
    'servers/',
    'app/',
    'cli/main.ts',
    // What stands in a terminal's place.
    'cli/lost-terminal.ts',
    // The runner's files.
    'action/main.ts',
    'testing/',
  ],
  'node:child_process': ['runtime/steps/run-program.ts', 'runtime/end-processes.ts', 'servers/'],
  'node:process': ['journal/lock.ts', 'runtime/processes.ts', 'runtime/end-processes.ts', 'servers/', 'testing/'],
  'node:timers': [],
  process: ['cli/main.ts', 'cli/signals.ts', 'action/main.ts'],
  console: ['cli/main.ts', 'action/main.ts'],
  // The live timer ticks where the terminal, or the log, is.
  clock: ['kernel/clock.ts', 'cli/main.ts', 'action/main.ts'],
  randomness: ['kernel/entropy.ts'],
};

/**
 * Rooms in which every file is a door: a command loads the one verb that it is about, and nothing else of the program,
 * which is what keeps `--help` quick.
 */
export const ROOMS_OF_DOORS: readonly string[] = ['app'];

/** Places that may call a kind of server by its name; the others ask for capabilities. */
export const FLAVOUR_PLACES: readonly string[] = [
  'engines/',
  'plan/',
  'servers/',
  'testing/',
  // Which server to start is asked by name.
  'app/demo.ts',
  'cli/commands/demo.ts',
  'cli/commands/sandbox.ts',
];

export const FLAVOURS: readonly string[] = ['mysql', 'mariadb', 'matrixone'];

/** The table as `src/README.md` prints it. */
export function roomTable(): readonly string[] {
  const cell = (words: readonly string[]): string => (words.length === 0 ? '-' : words.join(', '));
  return [
    '| room | holds | may import rooms | may import packages |',
    '|---|---|---|---|',
    ...ROOMS.map(
      ({ name, holds, rooms, packages }) => `| \`${name}\` | ${holds} | ${cell(rooms)} | ${cell(packages)} |`,
    ),
  ];
}
