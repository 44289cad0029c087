/** Reads the picture that stands for a unit: small, and what its name says that it is. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Logo } from '../../domain/consent/terms.js';

const mostBytes = 65_536;

const kinds: Record<string, { contentType: Logo['contentType']; isRight: (bytes: Buffer) => boolean }> = {
  '.svg': {
    contentType: 'image/svg+xml',
    isRight: (bytes) =>
      /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)*<svg[\s>]/.test(bytes.toString('utf8')),
  },
  '.png': {
    contentType: 'image/png',
    isRight: (bytes) => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')),
  },
  '.webp': {
    contentType: 'image/webp',
    isRight: (bytes) => /^RIFF[^]{4}WEBP/.test(bytes.toString('latin1', 0, 12)),
  },
};

/** @returns the logo, or what is wrong with the file */
export async function readLogo(file: string): Promise<Logo | string> {
  const kind = kinds[extname(file).toLowerCase()];
  if (!kind) return 'is no .svg, .png or .webp file';
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return `cannot be read: ${file}`;
  }
  if (bytes.length > mostBytes) return `is larger than 64 kB: ${file}`;
  if (!kind.isRight(bytes)) return `is not what its name says: ${file}`;
  return { contentType: kind.contentType, base64: bytes.toString('base64') };
}
