// Loaded before the action: counts what its journal makes durable, and sends itself what the runner sends to a step
// whose job is cancelled. Only the action does it, not the programs that inherit its environment.

import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';

if (/action[\\/](main|post)\.mjs$/.test(process.argv[1] ?? '')) {
  const { afterSyncs, signals, pausesMs, told } = JSON.parse(process.env.CANCEL);
  const handle = await open(process.argv[1]);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  let left = afterSyncs;
  const send = (at) => {
    if (at >= signals.length) return;
    if (at === 0) writeSync(process.stderr.fd, `${told}\n`);
    process.kill(process.pid, signals[at]);
    setTimeout(() => send(at + 1), pausesMs[at]).unref();
  };
  for (const name of ['sync', 'datasync']) {
    const original = prototype[name];
    prototype[name] = async function synced() {
      await original.call(this);
      left -= 1;
      if (left === 0) send(0);
    };
  }
}
