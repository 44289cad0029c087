/** The files that pages load: stylesheets, the staff's script, the fonts and the icon, each under a name derived from its content. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paths } from '../paths.js';

export interface Asset {
  contentType: string;
  body: Buffer;
  /** First 12 characters of the SHA-256 of the body, for `?v=` and the ETag. */
  revision: string;
}

export interface Assets {
  /** Every file by its name. Unknown names do not exist, so no path is ever built from a request. */
  byName: ReadonlyMap<string, Asset>;
  /** URL with the revision, cacheable for a year. Throws for an unknown name. */
  urlOf(name: string): string;
}

const ownFolder = fileURLToPath(new URL('../assets/', import.meta.url));
const fontFolder = join(
  createRequire(import.meta.url).resolve('@fontsource-variable/source-serif-4/package.json'),
  '../files',
);

const sources: { name: string; file: string; contentType: string }[] = [
  {
    name: 'source-serif-4-latin.woff2',
    file: join(fontFolder, 'source-serif-4-latin-wght-normal.woff2'),
    contentType: 'font/woff2',
  },
  {
    name: 'source-serif-4-latin-ext.woff2',
    file: join(fontFolder, 'source-serif-4-latin-ext-wght-normal.woff2'),
    contentType: 'font/woff2',
  },
  { name: 'icon.svg', file: join(ownFolder, 'icon.svg'), contentType: 'image/svg+xml' },
  { name: 'look.css', file: join(ownFolder, 'look.css'), contentType: 'text/css; charset=utf-8' },
  { name: 'admin.css', file: join(ownFolder, 'admin.css'), contentType: 'text/css; charset=utf-8' },
  { name: 'reference.css', file: join(ownFolder, 'reference.css'), contentType: 'text/css; charset=utf-8' },
  { name: 'admin.js', file: join(ownFolder, 'admin.js'), contentType: 'text/javascript; charset=utf-8' },
  {
    name: 'passkeys.js',
    file: join(ownFolder, 'passkeys.js'),
    contentType: 'text/javascript; charset=utf-8',
  },
  {
    name: 'upload.js',
    file: join(ownFolder, 'upload.js'),
    contentType: 'text/javascript; charset=utf-8',
  },
];

/** Reads every asset once. White space is removed from the stylesheet, and its fonts get their revisions. */
export function loadAssets(): Assets {
  const byName = new Map<string, Asset>();
  const urlOf = (name: string): string => {
    const asset = byName.get(name);
    if (!asset) throw new Error(`There is no asset named ${name}.`);
    return `${paths.asset(name)}?v=${asset.revision}`;
  };
  for (const { name, file, contentType } of sources) {
    const bytes = readFileSync(file);
    const body = name.endsWith('.css') ? Buffer.from(withFontUrls(squeezed(bytes.toString()), urlOf)) : bytes;
    const revision = createHash('sha256').update(body).digest('base64url').slice(0, 12);
    byName.set(name, { contentType, body, revision });
  }
  return { byName, urlOf };
}

/** Removes comments and indentation only. */
function squeezed(css: string): string {
  return css
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/: (?=[^{}]*[;}])/g, ':')
    .replace(/;}/g, '}')
    .trim();
}

function withFontUrls(css: string, urlOf: (name: string) => string): string {
  return css.replace(/url\('?([\w-]+\.woff2)'?\)/g, (_match, name: string) => `url(${urlOf(name)})`);
}
