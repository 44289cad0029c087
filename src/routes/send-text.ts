/** Streams a long text as an answer: memory stays flat, since parts are read only as fast as the client receives them. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** @param parts of the text, or its bytes; an error among them aborts the answer, so that it does not look complete */
export async function sendText(response: Response, parts: AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(parts), response);
  } catch (error) {
    // A reader that disconnects is not an error.
    if (!response.destroyed || Object(error)['code'] !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
