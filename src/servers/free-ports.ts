import { createServer, type Server } from 'node:net';
import { invariant } from '../kernel/index.ts';

export const LOOPBACK = '127.0.0.1';

/** Ports on the loopback address that nobody listened on a moment ago, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  // All are held until the last one is known, so that none is given twice.
  const listeners = await Promise.all(Array.from({ length: count }, listen));
  const ports = listeners.map(portOf);
  await Promise.all(listeners.map(close));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port: 0 }, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  invariant(typeof address === 'object' && address !== null, 'a listening server has an address');
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
