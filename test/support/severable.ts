/** A route to the database that a test can cut, restore and stall: a proxy on loopback. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { closeAfterwards } from './close-afterwards.js';

export interface Severable {
  /** The connection string through this proxy. */
  through: (uri: string) => Promise<string>;
  cut: () => void;
  mend: () => void;
  /** Connections stay open, and no data passes any more. */
  stall: () => void;
}

export function severable(): Severable {
  const open = new Set<Socket>();
  let isCut = false;
  let target = { host: '127.0.0.1', port: 0 };
  const server = createServer((socket) => {
    if (isCut) return socket.destroy();
    const database = connect(target);
    for (const [one, other] of [
      [socket, database],
      [database, socket],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy()).on('close', () => open.delete(one) && other.destroy());
      one.pipe(other);
    }
    return undefined;
  });
  return {
    async through(uri) {
      const [, scheme = '', host = '', port = '27017', rest = ''] =
        /^(mongodb:\/\/)(?:[^@/]*@)?([^:,/?]+)(?::(\d+))?[^/?]*(.*)$/.exec(uri) ?? [];
      target = { host, port: Number(port) };
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      closeAfterwards(async () => {
        server.close();
        for (const socket of open) socket.destroy();
        await once(server, 'close');
      });
      const { port: own } = server.address() as AddressInfo;
      // Without discovery, since the driver would otherwise learn the real address and bypass the proxy.
      const query = rest.includes('directConnection')
        ? ''
        : `${rest.includes('?') ? '&' : '?'}directConnection=true`;
      return `${scheme}127.0.0.1:${own}${rest}${query}`;
    },
    cut() {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    stall() {
      for (const socket of open) socket.pause();
    },
  };
}
