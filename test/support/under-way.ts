// Waits until a server runs a statement, however long its sender takes to come to it.

import { openClient } from './servers.ts';

/** Resolves once some session runs a statement that ends so; errors when its sender ended before. */
export async function untilUnderWay(url: string, ending: string, sender?: Promise<unknown>): Promise<void> {
  const sent = { isOver: false };
  void sender?.finally(() => Object.assign(sent, { isOver: true })).catch(() => undefined);
  const client = await openClient(url);
  try {
    for (;;) {
      const { isOver } = sent;
      const rows = await client.query('SELECT info FROM information_schema.processlist');
      if (rows.some((row) => String(Object.values(row)[0]).endsWith(ending))) return;
      if (isOver) throw new Error(`it ended, and ${ending} was never under way`);
    }
  } finally {
    await client.close();
  }
}
