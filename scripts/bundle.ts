/**
 * The last step of `npm run build`: puts `dist` and the libraries that it needs into one file, has V8 compile it, and makes `dist/cli/main.js` run
 * that (decision 0120): `bundle.ts DIST`
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { compiledName, programName } from '../src/cli/compiled.js';

const dist = resolve(process.argv[2] ?? 'dist');
const program = join(dist, programName);

/** A module finds neighbouring files by its own URL, so it keeps that URL. */
const ownUrls: Plugin = {
  name: 'own-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const url = `new URL(${JSON.stringify(relative(dirname(program), path))}, programUrl).href`;
      const contents = text.replace(/^#!.*/, '').replaceAll('import.meta.url', url);
      return contents === text ? null : { contents };
    });
  },
};

/** Zod brings its messages in some 50 languages. Faults of forms have words of our own, so English is enough. */
const zodInEnglish: Plugin = {
  name: 'zod-in-english',
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

await build({
  entryPoints: [join(dist, 'cli/main.js')],
  outfile: program,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // A compiled script has no `import()`, so it becomes a `require` at the same place: also of what is not in the bundle.
  supported: { 'dynamic-import': false },
  // Names are kept, for the stack of an error in the log.
  minifyWhitespace: true,
  minifySyntax: true,
  banner: { js: "const programUrl = require('node:url').pathToFileURL(__filename);" },
  // What the database driver would use if it were installed.
  external: [
    ...['kerberos', 'snappy', '@mongodb-js/zstd', 'mongodb-client-encryption'],
    ...['@aws-sdk/credential-providers', 'gcp-metadata', 'socks', 'aws4'],
    // What only the staff pages need is loaded on demand (decision 0441). argon2 is machine code, chosen for the machine.
    ...['@node-rs/argon2', '@simplewebauthn/server', 'openid-client', 'otplib', 'uqr', '@fastify/busboy'],
    ...['express-session', 'connect-mongo', 'csrf-sync', '@zxcvbn-ts/core', '@zxcvbn-ts/language-common'],
    // What only lists of people need.
    ...['jschardet', 'saxes', 'yauzl'],
    // What only requests to URLs that people name need.
    'request-filtering-agent',
  ],
  plugins: [ownUrls, zodInEnglish],
  logLevel: 'warning',
});
// V8 keeps ASCII text in half the memory. esbuild does not escape the letters of regular expressions.
writeFileSync(program, readFileSync(program, 'utf8').replace(/[^\x00-\x7f]/g, escaped));
copyFileSync(join(dist, 'cli/launch.js'), join(dist, 'cli/main.js'));
const compile = join(import.meta.dirname, 'compile.ts');
execFileSync(process.execPath, ['--import', 'tsx', compile, program, join(dist, compiledName)], {
  stdio: ['ignore', 'ignore', 'inherit'],
});

/** One UTF-16 unit as JavaScript writes it in strings and regular expressions. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
