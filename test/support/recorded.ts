// Suites on MatrixOne that are also played from recordings, so that a machine without a server still guards this code.
//   SNAPBACK_RECORD=1   on a machine with the server: keeps what was said in test/fixtures/matrixone/<version>/
// The project `servers` runs them on the server, the project `recordings` from all recordings, without any server.
// Names and tokens come from the test's own name while it is recorded or replayed, so that both say the same.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, inject, vi } from 'vitest';
import { parseConnectionUrl, wireConnector, type EngineOptions } from '../../src/engines/index.ts';
import type { Connector } from '../../src/engines/wire/connector.ts';
import { systemEntropy } from '../../src/kernel/index.ts';
import { describeEachEngine, type TestServer } from './servers.ts';
import { recordingConnector, Replay, replayingConnector, tapeText, type Exchange, type Tape } from './tape.ts';
import { useTaping, type Taping } from './taping.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/matrixone');
const IS_RECORDING = (process.env['SNAPBACK_RECORD'] ?? '') !== '';

/** Runs a suite on the MatrixOne of this run, if there is one; in the project `recordings`, on every recording. */
export function describeRecorded(suite: (server: TestServer) => void): void {
  describeEachEngine(
    (server) => {
      if (IS_RECORDING) beforeEach(({ task, onTestFinished }) => record(server, task.name, onTestFinished));
      suite(server);
    },
    { engines: ['matrixone'] },
  );
  if (inject('isReplay') !== true || IS_RECORDING) return;
  for (const version of readdirSync(FIXTURES).sort()) {
    const label = `MatrixOne ${version}`;
    describe(`as recorded on ${label}`, () => {
      beforeEach(({ task, onTestFinished }) => replay(version, task.name, onTestFinished));
      suite({ engine: 'matrixone', label, url: 'mysql://root:111@127.0.0.1:6001/', origin: 'url' });
    });
  }
}

type AtEnd = (work: () => void | Promise<void>) => void;

function record(server: TestServer, test: string, atEnd: AtEnd): void {
  const exchanges: Exchange[] = [];
  begin(test, atEnd, (url, place, options) =>
    recordingConnector(wire(url, options), place, (one) => exchanges.push(one)),
  );
  // Registered first, so it comes last: what a test cleans up is part of what was said.
  atEnd(() => {
    const version = /\d+\.\d+\.\d+/.exec(server.label)?.[0] ?? 'unknown';
    const asked = exchanges.flatMap((one) => (one.kind === 'query' ? (one.answer?.rows.flat() ?? []) : []));
    const told = asked.find((cell) => cell?.includes('-MatrixOne-')) ?? '';
    mkdirSync(join(FIXTURES, version), { recursive: true });
    writeFileSync(fileOf(version, test), tapeText({ server: server.label, version: told, test, exchanges }));
  });
}

function replay(version: string, test: string, atEnd: AtEnd): void {
  const file = fileOf(version, test);
  if (!existsSync(file)) throw new Error(`"${test}" was never recorded on MatrixOne ${version}: see test/README.md`);
  const playing = new Replay(JSON.parse(readFileSync(file, 'utf8')) as Tape);
  begin(test, atEnd, (url, place, options) => {
    const { host, port, user, database } = optionsOf(url);
    return replayingConnector(playing, place, options, { host, port, user, database });
  });
  atEnd(() => playing.finish());
}

function begin(
  test: string,
  atEnd: AtEnd,
  connect: (url: string, place: string, options: EngineOptions) => Connector,
): void {
  let names = 0;
  let places = 0;
  const token = (length: number): string => {
    names += 1;
    return createHash('sha256').update(`${test} ${names}`).digest('hex').slice(0, length);
  };
  const spy = vi.spyOn(systemEntropy, 'token').mockImplementation(token);
  const taping: Taping = {
    token,
    connect: (url, options) => {
      places += 1;
      return connect(url, String(places), options);
    },
  };
  useTaping(taping);
  atEnd(() => {
    useTaping(undefined);
    spy.mockRestore();
  });
}

function wire(url: string, options: EngineOptions): Connector {
  return wireConnector(optionsOf(url), options);
}

function optionsOf(url: string) {
  const parsed = parseConnectionUrl(url);
  if (parsed.kind === 'err') throw new Error(parsed.problem);
  return parsed.value;
}

/** A name of a file that says which test it is of. */
function fileOf(version: string, test: string): string {
  const words = test
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 70);
  const mark = createHash('sha256').update(test).digest('hex').slice(0, 6);
  return join(FIXTURES, version, `${words}-${mark}.json`);
}
