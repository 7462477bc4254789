// A program and what it took: wall time, and the most memory it ever had.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const SAMPLE_MS = 10;

/** Runs it to its end. @returns {Promise<{ seconds: number, peakMiB: number, code: number, said: string }>} */
export function timed(program, words, { env = {}, input } = {}) {
  const started = process.hrtime.bigint();
  const child = spawn(program, words, { env: { ...process.env, ...env }, stdio: [input ?? 'ignore', 'pipe', 'pipe'] });
  let said = '';
  let peakKiB = 0;
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const sampling = setInterval(() => (peakKiB = Math.max(peakKiB, highWaterOf(child.pid))), SAMPLE_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(sampling);
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      resolve({ seconds, peakMiB: peakKiB / 1024, code, said });
    });
  });
}

/** VmHWM is the peak until now, so the last sample before the end counts, not the luckiest one. */
function highWaterOf(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
