// The same database under another name, by the server's CLONE, whose OK does not mean that it carried everything.

import { Fault } from '../../../kernel/index.ts';
import type { Session } from '../../port.ts';
import type { Connector } from '../../wire/connector.ts';
import { quoteName } from '../../wire/quote.ts';
import { extentOf } from '../extent.ts';
import { describe, type DescribedObject } from '../objects.ts';
import { withSession } from '../session.ts';
import { contentsOf } from './marks.ts';

export interface CloneRequest {
  readonly from: string;
  /** Must not be there. */
  readonly to: string;
}

/** @throws {Fault} SNAPSHOT_REFUSED with what the clone has lost or would still read from the first one */
export async function cloneDatabase(connector: Connector, request: CloneRequest, signal: AbortSignal): Promise<void> {
  await withSession(connector, { purpose: 'clone', writes: true }, signal, async (session) => {
    const { from, to } = request;
    await session.query(`CREATE DATABASE ${quoteName(to)} CLONE ${quoteName(from)}`, { signal });
    const problems = await notCarried(session, request, signal);
    if (problems.length === 0) return;
    await session.query(`DROP DATABASE ${quoteName(to)}`, { signal });
    throw new Fault('SNAPSHOT_REFUSED', `${from} cannot be copied to another name: ${problems.join('; ')}`, {
      hint: 'Change or drop what is named, or run the tests with one worker.',
    });
  });
}

async function notCarried(session: Session, { from, to }: CloneRequest, signal: AbortSignal) {
  const [source, copy] = [await objectsOf(session, from, signal), await objectsOf(session, to, signal)];
  const copied = new Map(copy.map((object) => [object.name, object]));
  const problems = source.flatMap((object) => {
    const other = copied.get(object.name);
    const label = `${object.kind} ${object.name}`;
    if (other?.kind !== object.kind) return [`${label} is lost`];
    if (names(other.definition.replaceAll(to, ''), from)) return [`${label} would still use ${from}`];
    return neutral(other, [to, from]) === neutral(object, [to, from]) ? [] : [`${label} comes out otherwise`];
  });
  if (problems.length > 0) return problems;
  const [wanted, found] = [await contentsOf(session, source, signal), await contentsOf(session, copy, signal)];
  return [...wanted].filter(([name, content]) => found.get(name) !== content).map(([name]) => `rows of ${name} differ`);
}

async function objectsOf(session: Session, database: string, signal: AbortSignal): Promise<readonly DescribedObject[]> {
  const extent = extentOf({ kind: 'databases', databases: [database] });
  return (await describe(session, extent, undefined, signal)).objects;
}

/** The server makes up other names for keys; its spelling of a view may change when it puts in another database. */
function neutral({ definition }: DescribedObject, databases: readonly string[]): string {
  const unnamed = databases.reduce((text, name) => text.replaceAll(name, '?'), definition);
  return unnamed
    .replace(/CONSTRAINT `[^`]+` FOREIGN KEY/g, 'FOREIGN KEY')
    .replaceAll(/[`\s]+/g, ' ')
    .replaceAll(/ ?([.(),]) ?/g, '$1')
    .trim()
    .toLowerCase();
}

function names(definition: string, database: string): boolean {
  const escaped = database.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:\`${escaped}\`|\\b${escaped})\\s*\\.`, 'i').test(definition);
}
