// How an account's snapshot gets into a new account. The server's own statement replaces the users of the new account,
// its administrator included, and is never sent with `sys` as source: there it would overwrite `sys`.

import { Fault } from '../../../kernel/index.ts';
import { isUserDatabase } from '../extent.ts';
import { keysOfObjects, uniqueKeys, type ForeignKey } from '../native-snapshots/foreign-keys.ts';
import { databasesRead } from '../native-snapshots/view-references.ts';
import { objectLabel, type DescribedObject, type Description } from '../objects.ts';
import { isSystemAccount } from '../tenant.ts';

export type Recipe =
  /** `CREATE DATABASE .. CLONE .. TO ACCOUNT`, database by database: the administrator that was asked for stays. */
  | { readonly kind: 'clone'; readonly databases: readonly string[]; readonly why: string }
  /** `RESTORE ACCOUNT .. TO ACCOUNT`: users, roles and functions come along. */
  | { readonly kind: 'restore'; readonly why: string };

export interface Source {
  readonly account: string;
  /** Its administrator at the snapshot, where the server still tells. */
  readonly admin: string | undefined;
  readonly description: Description;
  readonly keys: readonly ForeignKey[];
}

/**
 * The server's own restore for an ordinary account whose administrator is asked for again, clones for all others.
 *
 * @throws {Fault} SNAPSHOT_REFUSED naming what a clone cannot take along.
 */
export function recipeFor(source: Source, admin: string): Recipe {
  if (!isSystemAccount(source.account) && source.admin === admin) {
    return {
      kind: 'restore',
      why:
        `${admin} is the administrator of ${source.account} too, ` +
        'so that its users can come along, with their passwords',
    };
  }
  const why = isSystemAccount(source.account)
    ? 'the server would overwrite sys if it were asked to restore it into another account'
    : `a restore would put the administrator of ${source.account} in the place of ${admin}`;
  const problems = cloneProblems(source);
  if (problems.length === 0) return { kind: 'clone', databases: inOrder(source), why };
  const hint =
    source.admin === undefined ? undefined : `With ${source.admin} as administrator the whole account can be restored.`;
  throw new Fault('SNAPSHOT_REFUSED', `this server cannot clone it into another account: ${problems.join('; ')}`, {
    ...(hint === undefined ? {} : { hint: `Nothing was changed. ${hint}` }),
  });
}

export function keysOf({ description, keys }: Pick<Source, 'description' | 'keys'>): readonly ForeignKey[] {
  return uniqueKeys([...keys, ...keysOfObjects(description.objects)]);
}

function cloneProblems(source: Source): readonly string[] {
  const external = source.description.objects.filter(({ isExternal }) => isExternal);
  const far = keysOf(source).filter(
    ({ child, parent }) => isUserDatabase(child.database) && child.database !== parent.database,
  );
  return [
    ...external.map((table) => `${objectLabel(table)} is an external table`),
    ...far.map(({ name, child, parent }) => {
      return `foreign key ${name} of ${child.database}.${child.table} points into database ${parent.database}`;
    }),
  ];
}

/** A view is dropped without a word when its database is cloned before one that it reads. */
function inOrder({ description: { databases, objects } }: Source): readonly string[] {
  const left = new Map(databases.map((name) => [name, readBy(name, databases, objects)]));
  const order: string[] = [];
  while (left.size > 0) {
    const next = [...left].find(([, reads]) => [...reads].every((name) => !left.has(name)))?.[0];
    if (next === undefined) {
      const names = [...left.keys()].join(', ');
      throw new Fault(
        'SNAPSHOT_REFUSED',
        `views lead in a circle between databases ${names}: the server would drop some`,
        {
          hint: 'Nothing was changed. Drop one of these views and take the snapshot again.',
        },
      );
    }
    left.delete(next);
    order.push(next);
  }
  return order;
}

function readBy(name: string, databases: readonly string[], objects: readonly DescribedObject[]): ReadonlySet<string> {
  const views = objects.filter(({ kind, database }) => kind === 'view' && database === name);
  return databasesRead(
    views,
    databases.filter((other) => other !== name),
  );
}
