// The tour: a private server, a shop, one upgrade that succeeds and one that loses rows.

import { readFile } from 'node:fs/promises';
import type { Engine } from '../engines/index.ts';
import { newRunId, Secret } from '../kernel/index.ts';
import { findServers, installServer, startServer, type RunningServer } from '../servers/index.ts';
import type { AppContext } from './context.ts';
import { packageFile } from './package-files.ts';
import { runPlan, type RunPlanResult } from './run-plan.ts';

export interface DemoRequest {
  /** Install MariaDB from the system's packages when no server can be started. */
  readonly install: boolean;
  readonly engine: 'mariadb' | 'mysql' | 'matrixone' | undefined;
  readonly journalDirectory: string;
  /** Something a person should read: a sentence of the tour. */
  readonly say: (text: string) => void;
  /** Called before and after each plan, so that the door can show it. */
  readonly show: (plan: string, work: (context: AppContext) => Promise<RunPlanResult>) => Promise<number>;
}

/** @returns 0 when both upgrades ended as they should: committed, and rolled back and proven. */
export async function demo(request: DemoRequest, context: AppContext): Promise<number> {
  if (request.install && !(await canStart(request, context))) {
    await installServer({ env: context.env, onOutput: request.say, signal: context.signal });
  }
  request.say('Starting a private database server; it listens on loopback only and is removed at the end.\n');
  const { env, signal } = context;
  const server = await startServer({
    env,
    signal,
    ...(request.engine === undefined ? {} : { engine: request.engine }),
  });
  try {
    await makeShop(server, request, context);
    request.say('\nFirst an upgrade as it should go:\n\n');
    const first = await runDemoPlan('01-add-currency.yaml', server, request, context);
    request.say('\nNow one with a bug that nobody saw in review. It loses rows:\n\n');
    const second = await runDemoPlan('02-archive-orders.yaml', server, request, context);
    const isAsMeant = first === 0 && second === 4;
    request.say(isAsMeant ? GOODBYE : '\nThe tour did not end as it should: that is a bug of ours.\n');
    return isAsMeant ? 0 : 1;
  } finally {
    await server.stop();
  }
}

async function canStart({ engine }: DemoRequest, { env, signal }: AppContext): Promise<boolean> {
  const found = await findServers(env, signal);
  return found.some((one) => one.kind !== 'missing' && (engine === undefined || one.engine === engine));
}

const GOODBYE = `
That is all of it: the first upgrade was kept, the second one was caught, taken back and proven to be taken back.
Write a plan of your own: see plans/ and the README.
`;

async function makeShop(server: RunningServer, { say }: DemoRequest, context: AppContext): Promise<void> {
  const options = { onSessionOpened: () => Promise.resolve(), run: newRunId(context.entropy) };
  const engine = await context.openEngine(new Secret(server.url), options, context.signal);
  try {
    await seed(engine, context.signal);
    const counts = await engine.data.tables(['shop'], { kind: 'now' }, context.signal);
    let rows = 0;
    for (const table of counts) rows += (await engine.data.countRows(table, { kind: 'now' }, context.signal)) ?? 0;
    say(`${server.label} has a shop now: ${counts.length} tables, ${rows.toLocaleString('en-US')} rows.\n`);
  } finally {
    await engine.close();
  }
}

async function seed(engine: Engine, signal: AbortSignal): Promise<void> {
  const session = await engine.openSession('the demo shop', undefined, signal);
  try {
    await session.query('CREATE DATABASE shop', { signal });
    await session.query('USE shop', { signal });
    const script = await readFile(packageFile('plans', 'demo', 'sql', 'shop.sql'), 'utf8');
    for (const { text } of engine.splitStatements(script)) await session.query(text, { signal });
  } finally {
    await session.close();
  }
}

function runDemoPlan(plan: string, server: RunningServer, request: DemoRequest, context: AppContext): Promise<number> {
  const path = packageFile('plans', 'demo', plan);
  const env = { ...context.env, DATABASE_URL: `${server.url.replace(/\/$/, '')}/shop` };
  return request.show(plan, (shown) =>
    runPlan({ path, vars: {}, journalDirectory: request.journalDirectory }, { ...shown, env }),
  );
}
