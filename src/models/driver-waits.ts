/**
 * Ends the waits of the driver on a connection that is closed. While a socket takes a large message, the driver (7.8.0 and 7.9.0) listens for `drain` and
 * for `error`. A socket that a time limit or a cleared pool closes emits neither. Such an operation would never end, and its place in the pool would be
 * lost (decision 0807).
 */
import { Connection } from 'mongodb/lib/cmap/connection.js';

const { cleanup } = Connection.prototype;

Connection.prototype.cleanup = function (this: Connection, error: Error) {
  cleanup.call(this, error);
  // A message whose bytes are still being made is not written any more.
  this.socket.write = () => {
    throw error;
  };
  // The operation continues, finds the connection closed, and throws its error.
  this.socket.emit('drain');
};
