// Stands between a program and its server, and does to the connection what networks do, at a statement of one's choice.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { firstPacket, isStatement } from './killing-proxy.ts';

/**
 * `unsent`: the statement never arrives. `half-sent`: half of it does. `unanswered`: it is carried out, its answer is
 * lost. `half-answered`: half of the answer comes. `orphaned`: as `unanswered`, and the server does not hear that its
 * client is gone. `slow`: everything from here on takes its time.
 */
export const CUTS = ['unsent', 'half-sent', 'unanswered', 'half-answered', 'orphaned', 'slow'] as const;
/** A function: something else comes in place of the answer, and then the connection ends. */
export type Cut = (typeof CUTS)[number] | ((answer: Buffer) => Buffer);

export interface CuttingProxy {
  /** The same login by way of the proxy. */
  readonly url: string;
  /** How many statements came since the last `arm`, or the start. */
  readonly sent: () => number;
  /** The cut happens to the statement after so many others, once. */
  readonly arm: (cut: Cut, afterStatements: number) => void;
  readonly close: () => Promise<void>;
}

const SLOW_MS = 40;

export async function startCuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const state = { sent: 0, cut: undefined as Cut | undefined, at: Number.POSITIVE_INFINITY };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true));
      // Either end may go at any moment: that is what the proxy is for.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    join(client, upstream, state);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    sent: () => state.sent,
    arm: (cut, after) => void Object.assign(state, { sent: 0, cut, at: after }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface State {
  sent: number;
  cut: Cut | undefined;
  at: number;
}

function join(client: Socket, upstream: Socket, state: State): void {
  let answering: Cut | undefined;
  let isOrphaned = false;
  const cut = (): void => {
    client.destroy();
    upstream.destroy();
  };
  client.on('close', () => {
    if (!isOrphaned) upstream.destroy();
  });
  upstream.on('close', () => client.destroy());
  upstream.on('data', (chunk: Buffer) => {
    if (answering === undefined) {
      deliver(client, chunk, state);
      return;
    }
    if (typeof answering === 'function') client.write(answering(chunk));
    if (answering === 'half-answered') client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)));
    isOrphaned = answering === 'orphaned';
    if (isOrphaned) client.destroy();
    else client.end(cut);
  });
  let waiting = Buffer.alloc(0);
  client.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    for (let packet = firstPacket(waiting); packet !== undefined; packet = firstPacket(waiting)) {
      waiting = waiting.subarray(packet.length);
      const isHit = isStatement(packet) && state.sent === state.at;
      if (isStatement(packet)) state.sent += 1;
      if (!isHit || state.cut === 'slow') deliver(upstream, packet, state);
      else if (state.cut === 'unsent') cut();
      else if (state.cut === 'half-sent') upstream.write(packet.subarray(0, packet.length / 2), cut);
      else {
        answering = state.cut;
        upstream.write(packet);
      }
    }
  });
}

function deliver(to: Socket, bytes: Buffer, { cut, sent, at }: State): void {
  if (cut !== 'slow' || sent < at) to.write(bytes);
  else setTimeout(() => to.write(bytes), SLOW_MS); // timers of one length fire in their order
}
