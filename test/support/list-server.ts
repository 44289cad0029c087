/** A server on loopback that serves one list: with its validators, and slow, huge, cut off or redirected, as a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listening } from './close-afterwards.js';

export interface ListServer {
  url: string;
  requests: { url: string; headers: IncomingMessage['headers']; status: number }[];
  /** Serves this text from now on, with an ETag of its own. */
  serve: (text: string) => void;
  /** Answers in this way from now on. */
  answer: (handle: (request: IncomingMessage, response: ServerResponse) => void) => void;
}

export async function openListServer(): Promise<ListServer> {
  let handle = (_request: IncomingMessage, response: ServerResponse): void => void response.end();
  let served = 0;
  const requests: ListServer['requests'] = [];
  const server = createServer((request, response) => {
    response.on('close', () =>
      requests.push({ url: request.url ?? '', headers: request.headers, status: response.statusCode }),
    );
    handle(request, response);
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}/list`,
    requests,
    serve(text) {
      const etag = `"v${++served}"`;
      handle = (request, response) => {
        const isKnown = request.headers['if-none-match'] === etag;
        response.writeHead(isKnown ? 304 : 200, { etag }).end(isKnown ? undefined : text);
      };
    },
    answer: (wanted) => void (handle = wanted),
  };
}
