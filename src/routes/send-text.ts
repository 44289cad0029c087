/** A long text as an answer, streamed: memory stays flat, as parts are taken no faster than they are read on the other side. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** @param parts of the text; a fault among them breaks the answer off, so that it is not taken for whole */
export async function sendText(response: Response, parts: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(parts), response);
  } catch (error) {
    // A reader that goes away in the middle is not a fault.
    if (!response.destroyed || Object(error)['code'] !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
