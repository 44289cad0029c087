/** Ends a request whose body takes too long, or takes room that others need. */
import type { Request, Response } from 'express';
import { isApiPath } from '../../paths.js';

/** Answers 408 and disconnects: with a body in JSON on paths of the API, with none elsewhere. */
export function cutOff(request: Request, response: Response): void {
  const cut = () => void request.socket.destroy();
  // An answer that was already sent is useless to a connection that still sends.
  if (response.headersSent) return cut();
  response.status(408).set('Connection', 'close');
  if (!isApiPath(request.path)) return void response.end(cut);
  response.once('finish', cut);
  const message = 'The body took too long to arrive. Nothing was saved.';
  void import('../api/error-answer.js')
    .then(({ sendFault }) => sendFault(request, response, { status: 408, category: 'TIMEOUT', message }))
    .catch(cut);
}
