/** A bare `node:http` server that answers with the bytes of a file: the ceiling for any answer of that size. `bare.ts FILE STATUS` */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [file = '', status = '200'] = process.argv.slice(2);
const bytes = readFileSync(file);
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(Number(status), {
    'content-type': 'text/html; charset=utf-8',
    'content-length': bytes.length,
  });
  response.end(bytes);
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
