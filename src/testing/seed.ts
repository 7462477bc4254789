import { readFile } from 'node:fs/promises';
import type { Engine } from '../engines/index.ts';
import { Fault, sha256 } from '../kernel/index.ts';
import type { Seed } from './options.ts';

export interface ReadSeed {
  readonly hash: string;
  run(engine: Engine, target: { readonly url: string; readonly database: string }, signal: AbortSignal): Promise<void>;
}

/** @throws {Fault} USAGE for a file that cannot be read */
export async function readSeed(seed: Seed): Promise<ReadSeed> {
  if (typeof seed !== 'string' && 'run' in seed) {
    return { hash: sha256(`program ${seed.version}`), run: (_engine, { url }) => seed.run(url) };
  }
  const scripts = typeof seed === 'string' ? [seed] : await Promise.all(seed.files.map(readScript));
  return {
    hash: sha256(JSON.stringify(scripts)),
    run: async (engine, { database }, signal) => {
      const session = await engine.openSession('seed', database, signal);
      try {
        for (const { text } of scripts.flatMap((script) => engine.splitStatements(script))) {
          await session.query(text, { signal });
        }
      } finally {
        await session.close();
      }
    },
  };
}

async function readScript(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Fault('USAGE', `the seed ${path} cannot be read`, { cause: error });
  }
}
