import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemEntropy, type Entropy } from '../kernel/index.ts';

/**
 * Puts a report where it is wanted: whole, or not at all. What stood at `path` before stays until then.
 *
 * @throws the file system's own error; the file under construction is then removed.
 */
export async function writeReport(path: string, text: string, entropy: Entropy = systemEntropy): Promise<void> {
  const draft = `${path}.${entropy.token(8)}.tmp`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (problem) {
    await rm(draft, { force: true });
    throw problem;
  }
  await syncFolder(dirname(path));
}

/** Without this the new name may be lost in a power cut, though the bytes are safe. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
