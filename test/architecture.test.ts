/** The order of the house, read from the files themselves: which way imports go, how long a file is, how it begins. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const roots = ['src', 'test', 'scripts', 'bench'];

/** Rooms from the top to the bottom; a file may import from its own floor and from those below. */
const floors: readonly (readonly string[])[] = [
  ['cli', 'server.ts', 'worker.ts', 'seed'],
  ['app.ts', 'jobs', 'deps.ts', 'metrics-server.ts', 'migrations.ts'],
  ['routes'],
  ['domain'],
  ['models', 'tokens', 'mail', 'database'],
  ['views'],
  [
    'admin-paths.ts',
    'background.ts',
    'clean-text.ts',
    'config.ts',
    'csv',
    'connection-urls.ts',
    'dkim-keys.ts',
    'drain.ts',
    'environment.ts',
    'errors.ts',
    'log.ts',
    'metrics.ts',
    'paths.ts',
    'prometheus.ts',
    'scope.ts',
    'scrub.ts',
    'stop-order.ts',
  ],
];

interface File {
  path: string;
  text: string;
}

const files: File[] = roots.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(root, folder, path), 'utf8') })),
);
const sources = files.filter(({ path }) => path.startsWith('src/'));

/** What a file needs when it runs; types are words only, gone once it is compiled. */
function importsOf({ path, text }: File): string[] {
  const statements = text.matchAll(/^(?:import|export)\s(?!type\s)(?:[^;]*?\sfrom\s)?'(\.[^']+)\.js'/gm);
  return [...statements].map(([, to]) => `${join(dirname(path), to ?? '')}.ts`);
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function floorOf(path: string): number {
  return floors.findIndex((rooms) => rooms.includes(roomOf(path)));
}

it('every room of src stands on a floor', () => {
  const homeless = new Set(sources.filter(({ path }) => floorOf(path) < 0).map(({ path }) => roomOf(path)));
  expect([...homeless], 'give it a floor in this test').toEqual([]);
});

it('imports go down: from routes to the domain to the models, and never back', () => {
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter((to) => floorOf(to) < floorOf(file.path))
      .map((to) => `${file.path} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

it('parts of the domain know no other part but consent, and consent knows none', () => {
  const partOf = (path: string) => (path.startsWith('src/domain/') ? path.split('/')[2] : undefined);
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter(
        (to) =>
          partOf(file.path) && partOf(to) && partOf(to) !== 'consent' && partOf(to) !== partOf(file.path),
      )
      .map((to) => `${file.path} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

it('the domain knows neither Express nor HTML', () => {
  const wrong = sources.filter(
    ({ path, text }) => path.startsWith('src/domain/') && /from '(express|handlebars)'/.test(text),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('CSV is read and written by src/csv alone', () => {
  const wrong = sources.filter(
    ({ path, text }) => !path.startsWith('src/csv/') && /from '(csv-parse|csv-stringify)\b/.test(text),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('an address that somebody wrote is read by readAddress alone', () => {
  // What an identity provider has verified is taken as it is.
  const may = ['src/domain/consent/read-address.ts', 'src/domain/staff/oidc-account.ts'];
  const wrong = sources.filter(
    ({ path, text }) => !may.includes(path) && /\bnormaliseAddress,?\b.* from /.test(text),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('nothing of the product imports a test, a script or a benchmark', () => {
  const wrong = sources.filter((file) => importsOf(file).some((to) => !to.startsWith('src/')));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('a file begins with the sentence that says what it is for', () => {
  const wrong = files.filter(({ text }) => !/^(#!.*\n)?\/\*\*\s[\s\S]*?[.:)`]\s*\*?\//.test(text));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('a file has at most 300 lines, or says at its head why it is long', () => {
  const wrong = files.filter(({ text }) => {
    const head = text.slice(0, text.indexOf('*/'));
    return text.trimEnd().split('\n').length > 300 && !/\blong\b/i.test(head);
  });
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('exports have names', () => {
  const wrong = files.filter(({ text }) => /^export default\b/m.test(text));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('files are named in kebab-case, and not after what says nothing', () => {
  const wrong = files.filter(({ path }) =>
    path
      .split('/')
      .some(
        (part) => !/^[a-z0-9.-]+$/.test(part) || /\b(utils?|helpers?|managers?|services?|info)\b/.test(part),
      ),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});
