// Preloaded into the program (`node --import`): its disk refuses a call from the nth time on, as FAILING_DISK says:
// `write ENOSPC 12`, `datasync EIO 7`, `write EROFS 20`.

import { open } from 'node:fs/promises';
import { devNull } from 'node:os';

const [call, code, times] = (process.env.FAILING_DISK ?? '').split(' ');
const handle = await open(devNull, 'w');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const real = prototype[call];
let asked = 0;
prototype[call] = function (...given) {
  asked += 1;
  if (asked < Number(times)) return real.apply(this, given);
  return Promise.reject(Object.assign(new Error(`${code}: ${call}`), { code }));
};
