import type { Effect, Session } from '../../port.ts';
import type { MatrixoneServer } from './server.ts';
import type { KnownSnapshot } from './snapshot-rows.ts';

/** One restore under way. */
export interface Restoring {
  readonly server: MatrixoneServer;
  readonly session: Session;
  readonly snapshot: KnownSnapshot;
  readonly effect: Effect;
}
