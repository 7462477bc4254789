// Which RESTORE a server understands, asked with a statement that can do nothing: versions are not to be believed.

import { Fault } from '../../kernel/index.ts';
import type { Session } from '../port.ts';
import { serverErrorOf } from '../wire/errors.ts';
import { newGrammar } from './new-grammar.ts';
import { oldGrammar } from './old-grammar.ts';
import type { RestoreGrammar } from './restore-grammar.ts';

const NO_SUCH = '__no_such_snapshot__';
const PROBE = newGrammar.table({ database: 'x', table: 'y' }, NO_SUCH, 'sys');
const SYNTAX_ERRNO = 1064;
const INTERNAL_ERRNO = 20101;

/**
 * Outside of a transaction only.
 *
 * @throws {Fault} UNSUPPORTED_SERVER when the server knows neither.
 */
export async function probeGrammar(session: Session, signal: AbortSignal): Promise<RestoreGrammar> {
  try {
    await session.query(PROBE, { signal });
  } catch (error) {
    const said = serverErrorOf(error);
    if (said?.errno === INTERNAL_ERRNO) return newGrammar;
    if (said?.errno === SYNTAX_ERRNO && said.message.includes('syntax error at line')) return oldGrammar;
    throw error;
  }
  throw new Fault('UNSUPPORTED_SERVER', 'the server answers a restore from a snapshot that is not there with success');
}
