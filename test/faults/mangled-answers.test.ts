// A server, or whatever stands before it, that answers what is no answer. The long form:
//   SNAPBACK_MANGLED=300 npm run test:servers -- mangled-answers

import { expect, test } from 'vitest';
import { describeEachEngine } from '../support/servers.ts';
import type { Ending } from './kill-trial.ts';
import { proxiedTrials } from './proxied-trials.ts';

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
        const trials = await proxiedTrials(server, SEED);
        for (let at = 0; at < TRIALS; at += 1) {
          const [how = '', mangle] = Object.entries(MANGLES)[at % Object.keys(MANGLES).length] ?? [];
          const { ending, after, cutIn, run, end } = await trials.disturb(
            ENDINGS[at % 2] ?? 'commits',
            (answer) => mangle?.(answer, trials.random) ?? answer,
          );
          trials.count(`${how}, ${cutIn}: exit ${run.code ?? 'none'}, then ${end.told}`);
          const bug = run.code === 1 || run.code === null ? run.stderr : '';
          expect({ how, ending, after, cutIn, bug, lies: end.lies }).toEqual({
            ...{ how, ending, after, cutIn },
            bug: '',
            lies: [],
          });
        }
        trials.tell('mangled');
      },
      TRIALS * 40_000 + 120_000,
    );
  },
  { engines: ['mariadb', 'mysql'], origins: ['binary'] },
);
