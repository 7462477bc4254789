import type { Clock } from '../../../kernel/index.ts';
import type { Connector } from '../../wire/connector.ts';
import type { TableContent } from '../contents.ts';
import type { RestoreGrammar } from '../restore-grammar.ts';

/** What everything about native snapshots needs to know of its server. */
export interface MatrixoneServer {
  readonly connector: Connector;
  readonly grammar: RestoreGrammar;
  /** The account of this login; `sys` is the one that owns the cluster. */
  readonly account: string;
  readonly clock: Clock;
  /** Contents of snapshots by server name and table: they never change. */
  readonly memory: Map<string, TableContent>;
}
