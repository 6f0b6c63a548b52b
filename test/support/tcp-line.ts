import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { registered } from './registry.js';

/** A line to a server that can be cut: connections end, and no new one is answered until it is mended. */
export interface TcpLine {
  readonly port: number;
  cut(): void;
  /** Connections stay, and new ones are made, but nothing gets through until it is mended. */
  hang(): void;
  mend(): void;
  /** New connections go to another port of the host; the present ones end. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

export const startLine = (to: number, host = '127.0.0.1'): Promise<TcpLine> => registered(start(to, host), 'close');

async function start(first: number, host: string): Promise<TcpLine> {
  const sockets = new Set<Socket>();
  let to = first;
  let isCut = false;
  let isHung = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(to, host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    if (isHung) [near, far].forEach((socket) => socket.pause());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = () => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      end();
    },
    hang: () => {
      isHung = true;
      sockets.forEach((socket) => socket.pause());
    },
    leadTo: (port) => {
      to = port;
      end();
    },
    mend: () => {
      isCut = false;
      isHung = false;
      sockets.forEach((socket) => socket.resume());
    },
    close: async () => {
      end();
      server.close();
      await once(server, 'close');
    },
  };
}
