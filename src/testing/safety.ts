import { Fault } from '../kernel/index.ts';
import type { BaselineOptions } from './options.ts';

const TEST_WORDS =
  /(?:^|[^a-z])(?:tests?|testing|specs?|ci|e2e|dev|development|sandbox|fixtures?|tmp|temp|demo)(?:[^a-z]|$)/i;
const SYSTEM = /^(?:mysql|sys|performance_schema|information_schema|snapback)$|^(?:sb_|snapback_base_)/i;

/** @throws {Fault} GUARD_REFUSED for a database that does not look like one for tests, unless it was said to be one */
export function refuseUnlessTestDatabase(
  database: string,
  { isTestDatabase, server }: Pick<BaselineOptions, 'isTestDatabase' | 'server'>,
): void {
  if (SYSTEM.test(database)) throw new Fault('GUARD_REFUSED', `${database} belongs to the server or to snapback`);
  // A private server holds nothing but what its tests have put there.
  const isPrivate = server !== undefined && server.origin !== 'url';
  if (isTestDatabase === true || isPrivate || TEST_WORDS.test(database)) return;
  throw new Fault('GUARD_REFUSED', `${database} does not look like a database for tests`, {
    hint: 'Call it `something_test`, or pass `isTestDatabase: true` if everything in it may be overwritten.',
  });
}
