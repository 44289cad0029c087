/** The part of the driver's connection that `driver-waits.ts` mends. The driver declares no types for it. */
declare module 'mongodb/lib/cmap/connection.js' {
  import type { Socket } from 'node:net';

  export class Connection {
    readonly socket: Socket;
    /** Closes the socket. Called for every end of a connection: a fault, a time limit, or a pool that is cleared. */
    cleanup(error: Error): void;
  }
}
