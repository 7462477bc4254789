// Stands between a program and its server, counts the statements that the program sends, and can end it at one of them.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface KillingProxy {
  /** The same login by way of the proxy. */
  readonly url: string;
  /** How many statements came through since the last `arm`. */
  readonly sent: () => number;
  /** From now on, what comes after so many statements does not reach the server, and `kill` is called. */
  readonly arm: (afterStatements: number, kill: () => void) => void;
  readonly close: () => Promise<void>;
}

const COM_QUERY = 3;
const HEADER_LENGTH = 4;

export async function startKillingProxy(serverUrl: string): Promise<KillingProxy> {
  const target = new URL(serverUrl);
  const open = new Set<Socket>();
  let sent = 0;
  let last = Number.POSITIVE_INFINITY;
  let isOver = false;
  let kill = (): void => undefined;
  const mayPass = (): boolean => {
    if (!isOver && sent >= last) {
      isOver = true;
      kill();
      for (const socket of open) socket.destroy();
    }
    sent += isOver ? 0 : 1;
    return !isOver;
  };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      // Either end may go at any moment: that is what the proxy is for.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    let waiting = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      for (let packet = firstPacket(waiting); packet !== undefined; packet = firstPacket(waiting)) {
        waiting = waiting.subarray(packet.length);
        if (isStatement(packet) && !mayPass()) return;
        upstream.write(packet);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    sent: () => sent,
    arm: (afterStatements, then) => {
      [sent, last, isOver, kill] = [0, afterStatements, false, then];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** The first whole packet of a client, with its header. */
export function firstPacket(bytes: Buffer): Buffer | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  const length = HEADER_LENGTH + bytes.readUIntLE(0, 3);
  return bytes.length < length ? undefined : bytes.subarray(0, length);
}

/** A new command has number 0; packets of a login have others. */
export function isStatement(packet: Buffer): boolean {
  return packet[3] === 0 && packet[HEADER_LENGTH] === COM_QUERY;
}
