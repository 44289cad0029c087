/** The logo of a unit: a small picture whose content matches its file name. */
import { extname } from 'node:path';
import type { Logo } from '../../vocabulary/terms.js';

export const mostLogoBytes = 65_536;

const kinds: Record<string, { contentType: Logo['contentType']; isRight: (bytes: Buffer) => boolean }> = {
  '.svg': {
    contentType: 'image/svg+xml',
    // A comment ends at the first `-->` and nowhere else. Otherwise a file of comments alone would cause excessive backtracking.
    isRight: (bytes) =>
      /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--((?!-->)[^])*-->\s*)*<svg[\s>]/.test(bytes.toString('utf8')),
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

/** The fault of a file's name as a logo; null if it has none. */
export function faultOfLogoName(fileName: string): string | null {
  return kinds[extname(fileName).toLowerCase()] ? null : 'is not an .svg, .png or .webp file';
}

/** @returns the logo, or what is wrong with the file, as the end of a sentence */
export function logoOf(fileName: string, bytes: Buffer): Logo | string {
  const kind = kinds[extname(fileName).toLowerCase()];
  if (!kind) return 'is not an .svg, .png or .webp file';
  if (bytes.length > mostLogoBytes) return 'is larger than 64 kB';
  if (!kind.isRight(bytes)) return 'is not what its name says';
  return { contentType: kind.contentType, base64: bytes.toString('base64') };
}

/** The logo in a file without a name; null if it is none. */
export function logoIn(bytes: Buffer): Logo | null {
  for (const extension of Object.keys(kinds)) {
    const logo = logoOf(`logo${extension}`, bytes);
    if (typeof logo !== 'string') return logo;
  }
  return null;
}
