// A program that starts a private server, says so in one line of JSON, and stays until it is killed.

import { startServer } from '../../src/servers/index.ts';
import type { Log } from '../../src/kernel/index.ts';

const nothing = (): void => undefined;

/** The first line is printed when the server is launched, the second when it can be used. */
const log: Log = {
  debug: (facts) => process.stdout.write(`${JSON.stringify(facts)}\n`),
  info: nothing,
  warn: nothing,
  error: nothing,
};

const server = await startServer({ engine: 'mariadb', env: process.env, log });
process.stdout.write(`${JSON.stringify({ label: server.label })}\n`);
setInterval(nothing, 60_000);
