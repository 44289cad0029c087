/**
 * What a start of `serve` loads. Every library and file costs start-up time and memory of every process, so code that only some requests, jobs or
 * migrations need is loaded by `import()` (decisions 0120 and 0441).
 */
import { build, type Metafile } from 'esbuild';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  outdir: 'unused',
  write: false,
  metafile: true,
});
const inputs: Metafile['inputs'] = metafile.inputs;

it('the start of serve loads these libraries only', () => {
  const { libraries } = loadedBy(['src/cli/main.ts', 'src/cli/serve.ts', 'src/app.ts']);
  expect(libraries).toEqual([
    ...[
      'colord',
      'colord/plugins/a11y',
      'colord/plugins/mix',
      'commander',
      'express',
      'handlebars',
      'helmet',
    ],
    ...[
      'jose',
      'mongodb',
      'mongodb/lib/cmap/connection.js',
      'mongoose',
      'pino',
      'validator/lib/isEmail.js',
      'zod',
    ],
  ]);
});

it('the start of serve loads these parts of the source only', () => {
  const { files } = loadedBy(['src/cli/main.ts', 'src/cli/serve.ts', 'src/app.ts']);
  const parts = new Set(files.map((file) => dirname(file).replace(/^src\/?/, '')));
  expect([...parts].sort()).toEqual([
    ...['', 'cli', 'database', 'domain/bounces', 'domain/consent', 'domain/counts', 'domain/staff'],
    ...[
      'domain/wordings',
      'mail',
      'models',
      'routes',
      'routes/middleware',
      'routes/public',
      'tokens',
      'views',
    ],
    ...['views/locales', 'vocabulary'],
  ]);
});

it('the start of a worker loads neither pages nor readers of files', () => {
  const { files, libraries } = loadedBy([
    ...['src/cli/main.ts', 'src/cli/worker.ts', 'src/jobs/runner.ts'],
    ...['src/mail/message.ts', 'src/mail/transport.ts'],
  ]);
  const unwanted = /^src\/(routes|list-files|xlsx|domain\/webhooks)\//;
  expect(files.filter((file) => unwanted.test(file))).toEqual([]);
  expect(libraries).not.toContain('express');
  expect(libraries).not.toContain('csv-parse');
  expect(libraries).not.toContain('postal-mime');
});

/** The files and libraries that are loaded with these files, without those of their `import()`. */
function loadedBy(entries: string[]): { files: string[]; libraries: string[] } {
  const files = new Set<string>();
  const libraries = new Set<string>();
  const load = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const { path, kind, external } of inputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (!external) load(path);
      else if (!path.startsWith('node:')) libraries.add(path);
    }
  };
  entries.forEach(load);
  return { files: [...files], libraries: [...libraries].sort() };
}
