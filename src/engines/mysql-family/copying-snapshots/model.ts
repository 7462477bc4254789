// What a snapshot knows of the objects in its scope, as plain data: it stands as text in the catalog.

import type { ObjectKind, TableRef } from '../../../kernel/index.ts';

/** A column whose values are copied: everything but what the server computes itself. */
export interface StoredColumn {
  readonly name: string;
  /** The server's word for the type without its length: `varchar`, `bigint`. */
  readonly type: string;
}

/** Session variables that an object remembers from the moment of its creation. */
export interface CreationPins {
  readonly sqlMode?: string;
  readonly timeZone?: string;
  readonly characterSetClient: string;
  readonly collationConnection: string;
  readonly databaseCollation?: string;
}

interface Stored {
  readonly database: string;
  readonly name: string;
  /** As SHOW CREATE prints it in a session with the reading pins. */
  readonly definition: string;
}

export interface StoredDatabase extends Stored {
  readonly kind: 'database';
}

export interface StoredTable extends Stored {
  readonly kind: 'table';
  readonly engine: string;
  /** The next value as a decimal, or null for a table without AUTO_INCREMENT. */
  readonly autoIncrement: string | null;
  readonly columns: readonly StoredColumn[];
  readonly primaryKey: readonly string[];
  /** MariaDB WITH SYSTEM VERSIONING: history rows are content too. */
  readonly isVersioned: boolean;
  readonly rowsEstimate: number;
  /** How many rows were copied: known of a table in a snapshot. */
  readonly rowCount?: number;
  readonly bytes: number;
}

/** As many as were copied, or the server's estimate. */
export function rowsOf({ rowCount, rowsEstimate }: StoredTable): number {
  return rowCount ?? rowsEstimate;
}

export interface StoredSequence extends Stored {
  readonly kind: 'sequence';
  readonly nextValue: string;
  readonly cycleCount: string;
  readonly cacheSize: string;
}

export interface StoredView extends Stored {
  readonly kind: 'view';
  readonly pins: CreationPins;
  /** False for a view whose tables, columns or functions are gone. */
  readonly isValid: boolean;
}

export interface StoredTrigger extends Stored {
  readonly kind: 'trigger';
  readonly table: string;
  /** `BEFORE INSERT 2`: triggers of one table are kept in this order. */
  readonly position: string;
  readonly pins: CreationPins;
}

export type RoutineKind = 'package' | 'package-body' | 'function' | 'procedure';

export interface StoredRoutine extends Stored {
  readonly kind: RoutineKind;
  readonly pins: CreationPins;
}

export interface StoredEvent extends Stored {
  readonly kind: 'event';
  readonly pins: CreationPins;
}

/** A right on one routine; the definition is the GRANT statement. MySQL forgets it with the routine. */
export interface StoredGrant extends Stored {
  readonly kind: 'grant';
}

/** A foreign key, called `name`, of a table outside the scope that points at a table inside. */
export interface InboundKey extends Stored {
  readonly kind: 'inbound-key';
  readonly table: string;
  readonly target: TableRef;
}

export type StoredObject =
  | StoredDatabase
  | StoredTable
  | StoredSequence
  | StoredView
  | StoredTrigger
  | StoredRoutine
  | StoredEvent
  | StoredGrant
  | InboundKey;

/** What may be left out of a description because nobody allows us to read it. */
export interface Unreadable {
  readonly object: ObjectKind;
  readonly name: string;
  readonly reason: string;
}

export interface Description {
  readonly objects: readonly StoredObject[];
  readonly unreadable: readonly Unreadable[];
  /** False where mysql.procs_priv may not be read. */
  readonly hasGrants: boolean;
}

export function tablesOf(objects: readonly StoredObject[]): readonly StoredTable[] {
  return objects.filter((object) => object.kind === 'table');
}

export function refOf({ database, name }: StoredTable): TableRef {
  return { database, table: name };
}

/** The word for it in evidence: a package's body counts as the package. */
export function objectKindOf(object: StoredObject): ObjectKind {
  if (object.kind === 'package-body') return 'package';
  if (object.kind === 'inbound-key') return 'foreign-key';
  return object.kind;
}

/** `shop.orders` */
export function labelOf({ database, name, kind }: StoredObject): string {
  return kind === 'database' ? name : `${database}.${name}`;
}
