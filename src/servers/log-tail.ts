import { open } from 'node:fs/promises';

const BYTES_MAX = 6_000;
const LINES_MAX = 15;
const LINE_LENGTH_MAX = 300;

/** The last lines of a server's log, for a message; empty when there is no log. */
export async function logTail(path: string): Promise<string> {
  let text: string;
  try {
    text = await lastBytes(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(-LINES_MAX)
    .map((line) => `  ${line.slice(0, LINE_LENGTH_MAX)}`)
    .join('\n');
}

async function lastBytes(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, BYTES_MAX);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
