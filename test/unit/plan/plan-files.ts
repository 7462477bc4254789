import { err, ok } from '../../../src/kernel/index.ts';
import { parsePlanText, type LoadedPlan, type PlanFiles, type PlanRequest } from '../../../src/plan/index.ts';

/** Files in memory, by path. */
export function memoryFiles(texts: Readonly<Record<string, string>>): PlanFiles {
  return {
    readText: async (path, bytesMax) => {
      const text = texts[path];
      if (text === undefined) return err({ kind: 'not-found' });
      return text.length > bytesMax ? err({ kind: 'too-large', bytes: text.length }) : ok(text);
    },
    list: async (folder) => {
      const prefix = folder === '.' ? '' : `${folder.replace(/\/$/, '')}/`;
      const inside = Object.keys(texts).filter((path) => path.startsWith(prefix));
      return [...new Set(inside.map((path) => /^[^/]*\/?/.exec(path.slice(prefix.length))?.[0] ?? ''))];
    },
  };
}

export const HEAD = 'version: 1\ntarget: { url: mysql://root:pass-word@localhost/shop }\n';

/** Reads a plan for a run, from memory. */
export function read(
  text: string,
  request: Partial<PlanRequest> & { readonly texts?: Readonly<Record<string, string>> } = {},
): Promise<LoadedPlan> {
  const { texts = {}, ...rest } = request;
  return parsePlanText({
    path: 'plan.yaml',
    env: {},
    vars: {},
    purpose: 'run',
    files: memoryFiles(texts),
    text,
    ...rest,
  });
}
