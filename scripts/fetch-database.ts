/** Makes sure that this machine has a database for the demonstration and the tests, and says which. */
import { DomainError } from '../src/errors.js';
import { findServer } from '../src/database/find-server.js';

const names = { mongod: 'mongod', 'downloaded-mongod': 'a downloaded mongod', secantusdb: 'SecantusDB' };

if (process.env['MONGODB_URI']) {
  console.log('MONGODB_URI names the database.');
} else {
  try {
    const server = await findServer({ log: console.log, env: process.env });
    console.log(`The database is ${names[server.kind]}.`);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
