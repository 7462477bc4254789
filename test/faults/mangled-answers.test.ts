// A server, or whatever stands before it, that answers what is no answer. The long form:
//   SNAPBACK_MANGLED=300 npm run test:servers -- mangled-answers

import { expect, onTestFinished, test } from 'vitest';
import { snapback } from '../support/cli.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { describeEachEngine, ownHome } from '../support/servers.ts';
import { arranged, endOf, undisturbed, underWay, type Ending } from './kill-trial.ts';
import { randomFrom } from './random-from.ts';

const TRIALS = Number(process.env['SNAPBACK_MANGLED'] ?? 4);
const SEED = Number(process.env['SNAPBACK_SEED'] ?? 1);
const ENDINGS: readonly Ending[] = ['rolls back', 'commits'];
const HEADER_LENGTH = 4;

type Mangle = (answer: Buffer, random: () => number) => Buffer;

const bytes = (length: number, random: () => number): Buffer =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

/** A packet of the protocol with that payload, in the place of the first one of the answer. */
function packet(payload: Buffer): Buffer {
  const header = Buffer.from([0, 0, 0, 1]);
  header.writeUIntLE(payload.length, 0, 3);
  return Buffer.concat([header, payload]);
}

/** None of these says something plausible that is not so: that nobody could tell. */
const MANGLES: Readonly<Record<string, Mangle>> = {
  'bytes of no protocol': (answer, random) => bytes(answer.length, random),
  'a page of a web server': () => Buffer.from('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'),
  'an error without its words': () => packet(Buffer.from([0xff])),
  'a result of very many columns': (_, random) => packet(Buffer.from([0xfc, 0xff, Math.floor(random() * 256)])),
  'a column that is none': (_, random) => Buffer.concat([packet(Buffer.from([1])), packet(bytes(40, random))]),
  'a request for a local file': () => packet(Buffer.from('\u00fb/etc/passwd', 'latin1')),
  'a packet that is longer than it says': (answer) => Buffer.concat([answer, answer.subarray(HEADER_LENGTH)]),
  'an answer shaken after its length': (answer, random) =>
    Buffer.concat([answer.subarray(0, HEADER_LENGTH), bytes(answer.length - HEADER_LENGTH, random)]),
};

describeEachEngine(
  (server) => {
    test(
      `${TRIALS} runs that are answered what is no answer end, resumed, as they are told, and none is a bug`,
      async () => {
        const home = await ownHome(server);
        const proxy = await startCuttingProxy(home.url);
        onTestFinished(() => proxy.close());
        const through = { ...home, url: proxy.url };
        const usual = {
          commits: await undisturbed(through, 'commits'),
          'rolls back': await undisturbed(through, 'rolls back'),
        };
        const statements = proxy.sent() / 2;
        const random = randomFrom(SEED);
        const tally = new Map<string, number>();
        for (let at = 0; at < TRIALS; at += 1) {
          const [how = '', mangle] = Object.entries(MANGLES)[at % Object.keys(MANGLES).length] ?? [];
          const ending = ENDINGS[at % 2] ?? 'commits';
          const after = Math.floor(random() * statements);
          const trial = await arranged(home, ending);
          const url = new URL(trial.url);
          url.port = new URL(proxy.url).port;
          const env = { DATABASE_URL: url.href };
          proxy.arm((answer) => mangle?.(answer, random) ?? answer, after);
          const { code, stderr } = await snapback(['run', 'plan.yaml', '--journal-dir', 'journals'], trial.folder, env);
          const cutIn = underWay(trial.folder);
          proxy.arm('unsent', Number.POSITIVE_INFINITY);
          const end = await endOf(home, { ...trial, env }, usual[ending]);
          const what = `${how}, ${cutIn}: exit ${code ?? 'none'}, then ${end.told}`;
          tally.set(what, (tally.get(what) ?? 0) + 1);
          const bug = code === 1 || code === null ? stderr : '';
          expect({ how, ending, after, cutIn, bug, lies: end.lies }).toEqual({
            ...{ how, ending, after, cutIn },
            bug: '',
            lies: [],
          });
        }
        const lines = [...tally].sort().map(([what, count]) => `  ${what} ${count}`);
        process.stderr.write(`mangled on ${server.label}: told in the end, how often\n${lines.join('\n')}\n`);
      },
      TRIALS * 40_000 + 120_000,
    );
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
