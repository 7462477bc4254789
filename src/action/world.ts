// What both steps have in common: the environment without what is the runner's own business, and a display in its log.

import { isAbsolute, relative, resolve } from 'node:path';
import type { AppContext } from '../app/context.ts';
import { contextIn } from '../app/default-context.ts';
import { tellUnverified } from '../app/tell-unverified.ts';
import { systemClock } from '../kernel/index.ts';
import { LiveTerminal } from '../report/index.ts';
import { inputsFrom, type InputName } from './inputs.ts';
import type { ActionIo } from './io.ts';
import { estimateRemarks } from './estimate.ts';
import { annotationLine, AnnotationBudget, inertLine, maskLines, type Annotation } from './protocol.ts';

/** How often a long action may say that it is alive, ms. */
const TICK_MS = 5_000;
const COLUMNS = 120;

export interface World {
  readonly io: ActionIo;
  readonly input: (name: InputName) => string;
  readonly folder: string;
  /** The login, from the input or the environment. */
  readonly url: string;
  readonly context: AppContext;
  /**
   * Annotations, as many as GitHub shows for the whole step; what it would drop stands in the log.
   *
   * @param reserve how many of each kind are left for what comes later
   */
  readonly annotate: (annotations: readonly Annotation[], reserve?: number) => void;
  /** Says how the run ended; without it the display just stops. */
  readonly finish: () => void;
  readonly close: () => void;
}

/** Masks the password before anything else is printed. */
export function openWorld(io: ActionIo): World {
  const input = inputsFrom(io.env);
  const url = input('url') === '' ? (io.env['DATABASE_URL'] ?? '') : input('url');
  mask(io, passwordsIn(url));
  const folder = resolve(io.cwd, input('working-directory') === '' ? '.' : input('working-directory'));
  const write = (text: string): void => {
    for (const line of text.replace(/\n$/, '').split('\n')) io.print(inertLine(line));
  };
  const output = { write, isTty: false, columns: COLUMNS, color: false };
  const annotate = annotator(io);
  const cancelSeconds = Number(input('cancel-seconds'));
  let terminal: LiveTerminal | undefined;
  const env = { ...ownEnvironment(io.env), ...(url === '' ? {} : { DATABASE_URL: url }) };
  const { process, signal } = io;
  const quiet = contextIn(
    { env, cwd: folder, process, signal },
    {
      onBegin: ({ shape, earlier }) => (terminal = new LiveTerminal({ output, clock: systemClock, shape, earlier })),
      onEntry: (entry) => {
        terminal?.onEntry(entry);
        // At once: when the job is cancelled it is too late.
        annotate(estimateRemarks(entry, cancelSeconds));
      },
      onProgress: (action, progress) => terminal?.onProgress(action, progress),
      onProgramLine: (line) => terminal?.onProgramLine(line),
    },
  );
  const context = { ...quiet, openEngine: tellUnverified(quiet.openEngine, write) };
  const close = io.every(TICK_MS, () => terminal?.tick());
  return { io, input, folder, url, context, annotate, finish: () => terminal?.finish(), close };
}

export function mask({ print }: ActionIo, secrets: readonly string[]): void {
  for (const line of new Set(secrets.flatMap(maskLines))) print(line);
}

function annotator(io: ActionIo): World['annotate'] {
  const budget = new AnnotationBudget();
  return (annotations, reserve = 0) => {
    const { shown, others } = budget.spend(annotations, reserve);
    for (const one of shown) {
      // From the root of the repository.
      const place = one.place === undefined ? undefined : { ...one.place, path: pathInRepository(one.place.path, io) };
      io.print(annotationLine({ ...one, place }));
    }
    for (const { title, message } of others) io.print(inertLine(`${title}: ${message.replaceAll(/\s+/g, ' ')}`));
  };
}

function pathInRepository(path: string, { env, cwd }: ActionIo): string {
  const within = relative(env['GITHUB_WORKSPACE'] ?? cwd, resolve(cwd, path));
  return within.startsWith('..') || isAbsolute(within) ? path : within.replaceAll('\\', '/');
}

/** Programs get what any step of the job would, and neither our inputs nor the files that hold our own state. */
function ownEnvironment(env: ActionIo['env']): ActionIo['env'] {
  const isOurs = (name: string): boolean => /^(INPUT_|STATE_|GITHUB_(STATE|OUTPUT)$)/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
}

function passwordsIn(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { password } = new URL(url);
  const written = /^[^:]+:\/\/[^:@/]*:([^@/]*)@/.exec(url)?.[1] ?? '';
  return [password, written, ...decoded(password)];
}

function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)];
  } catch (problem) {
    if (problem instanceof URIError) return [];
    throw problem;
  }
}
