/** The structure of the house, read from the files themselves: allowed imports, file length, and how a file begins. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const roots = ['src', 'test', 'scripts', 'bench'];

/** Small files that know nothing of the rest of the product: every part may import them, and they import only each other. */
const ground = [
  'admin-paths.ts',
  'background.ts',
  'clean-text.ts',
  'config.ts',
  'connection-urls.ts',
  'cursor.ts',
  'new-id.ts',
  'overlapped.ts',
  'csv',
  'dkim-keys.ts',
  'drain.ts',
  'environment.ts',
  'errors.ts',
  'guarded-get.ts',
  'keep-doing.ts',
  'log.ts',
  'metrics.ts',
  'paths.ts',
  'prometheus.ts',
  'scrub.ts',
  'stop-order.ts',
  'vocabulary',
];

const domain = [
  'bounces',
  'catalogue',
  'changes',
  'consent',
  'contacts',
  'counts',
  'exports',
  'filters',
  'imports',
  'links',
  'lists',
  'marketing',
  'sources',
  'staff',
  'webhooks',
  'wordings',
  'workflows',
].map((part) => `domain/${part}`);
const stores = ['models', 'tokens', 'mail', 'views'];

/** Which other parts each part may import, besides the ground. Imports of types count. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: ['server.ts', 'seed', 'migrations.ts', 'deps.ts', ...domain, ...stores, 'database', 'feed', 'jobs'],
  'server.ts': ['feed', 'app.ts', 'worker.ts', 'metrics-server.ts', 'migrations.ts', 'deps.ts', 'database'],
  'worker.ts': ['jobs', 'deps.ts', 'mail'],
  seed: ['deps.ts', ...domain, 'feed', 'jobs', 'models', 'tokens'],
  'app.ts': [
    'routes',
    'routes/admin',
    'routes/api',
    'routes/hooks',
    'routes/middleware',
    'routes/public',
    'deps.ts',
  ],
  'metrics-server.ts': [],
  'routes/admin': [
    'routes',
    'routes/middleware',
    'routes/public',
    'deps.ts',
    'feed',
    'jobs',
    'list-files',
    ...domain,
    ...stores,
  ],
  'routes/api': ['routes', 'routes/middleware', 'deps.ts', 'jobs', ...domain, ...stores],
  'routes/hooks': ['routes', 'routes/api', 'deps.ts', ...domain, ...stores],
  'routes/middleware': ['routes', 'routes/public', 'deps.ts', ...domain, ...stores],
  'routes/public': ['routes', 'deps.ts', ...domain, ...stores],
  routes: ['deps.ts', ...domain, 'mail', 'models'],
  'list-files': ['xlsx', 'domain/consent'],
  xlsx: [],
  'migrations.ts': ['deps.ts', 'feed', ...domain, 'models'],
  jobs: ['feed', ...domain, ...stores],
  feed: [
    'domain/consent',
    'domain/contacts',
    'domain/counts',
    'domain/webhooks',
    'domain/workflows',
    'models',
  ],
  'deps.ts': [...domain, ...stores],
  'domain/bounces': ['domain/consent', 'domain/contacts', 'domain/staff', 'models', 'tokens'],
  'domain/wordings': ['domain/consent', 'models', 'views'],
  'domain/imports': [
    'domain/consent',
    'domain/contacts',
    'domain/filters',
    'list-files',
    'models',
    'domain/marketing',
    'domain/lists',
  ],
  'domain/links': ['domain/consent', ...stores],
  'domain/lists': ['domain/consent', 'domain/contacts', 'domain/filters', 'models'],
  'domain/marketing': ['domain/consent', 'domain/contacts', 'domain/filters', 'models'],
  'domain/contacts': ['domain/consent', 'domain/filters', 'models'],
  'domain/exports': [
    'domain/consent',
    'domain/contacts',
    'domain/filters',
    'domain/marketing',
    'domain/staff',
    'models',
  ],
  'domain/filters': ['domain/consent', 'models'],
  'domain/catalogue': ['domain/consent', 'domain/filters', 'models', 'tokens', 'views'],
  'domain/changes': ['domain/consent', 'models'],
  'domain/counts': ['domain/consent', 'models'],
  'domain/sources': ['domain/consent', 'domain/imports', 'domain/staff', 'list-files', 'models'],
  'domain/staff': ['domain/consent', 'models'],
  'domain/webhooks': ['domain/changes', 'domain/consent', 'domain/staff', 'mail', 'models', 'views'],
  'domain/workflows': [
    'domain/changes',
    'domain/consent',
    'domain/contacts',
    'domain/filters',
    'domain/links',
    'domain/lists',
    'domain/marketing',
    'domain/staff',
    'domain/webhooks',
    'mail',
    'models',
  ],
  'domain/consent': ['models', 'tokens'],
  mail: ['models', 'tokens', 'views'],
  models: [],
  tokens: [],
  database: [],
  views: [],
};

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

/** Every project file that a file imports, including for its types only. */
function importsOf({ path, text }: File): string[] {
  const statements = text.matchAll(
    /(?:^(?:import|export)\s(?:[^;'"]*?\sfrom\s)?|\bimport\()'(\.[^']+)\.js'/gm,
  );
  return [...statements].map(([, to]) => `${join(dirname(path), to ?? '')}.ts`);
}

/** The part of src that a file belongs to: a folder or file of src, and in `domain` and `routes` one folder deeper. */
function partOf(path: string): string {
  const [, room = '', inner, ...rest] = path.split('/');
  return (room === 'domain' || room === 'routes') && rest.length > 0 ? `${room}/${inner ?? ''}` : room;
}

it('every part of src is in the table of allowed imports', () => {
  const unknown = sources
    .map(({ path }) => partOf(path))
    .filter((part) => !allowed[part] && !ground.includes(part));
  expect([...new Set(unknown)], 'add it to the table in this test').toEqual([]);
});

it('a part imports only the parts that the table allows it', () => {
  const wrong = sources.flatMap((file) => {
    const part = partOf(file.path);
    const others = [...ground, ...(allowed[part] ?? [])];
    return importsOf(file)
      .filter((to) => partOf(to) !== part && !others.includes(partOf(to)))
      .map((to) => `${file.path} imports ${to}`);
  });
  expect(wrong).toEqual([]);
});

it('the vocabulary imports nothing outside itself', () => {
  const wrong = sources.filter(
    (file) => partOf(file.path) === 'vocabulary' && importsOf(file).some((to) => partOf(to) !== 'vocabulary'),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('no file imports itself through others', () => {
  const imports = new Map(sources.map((file) => [file.path, importsOf(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (path: string, way: readonly string[]) => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (done.has(path) || way.includes(path)) return;
    for (const to of imports.get(path) ?? []) follow(to, [...way, path]);
    done.add(path);
  };
  for (const { path } of sources) follow(path, []);
  expect(circles).toEqual([]);
});

it('the domain knows neither Express nor HTML', () => {
  const wrong = sources.filter(
    ({ path, text }) => path.startsWith('src/domain/') && /from '(express|handlebars)'/.test(text),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('CSV is read and written only by src/csv', () => {
  const wrong = sources.filter(
    ({ path, text }) => !path.startsWith('src/csv/') && /from '(csv-parse|csv-stringify)\b/.test(text),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('a document that may not exist yet is written and read at once only by upsertById (decision 0812)', () => {
  const writers = sources.filter(({ text }) =>
    /(?:findOneAnd|findByIdAnd)(?:Update|Replace)\((?:(?!;\n).)*upsert: true/s.test(text),
  );
  expect(writers.map(({ path }) => path)).toEqual(['src/models/upsert.ts']);
});

it('an address written by a person is read only by readAddress', () => {
  // An address verified by an identity provider is taken unchanged.
  const may = ['src/domain/consent/read-address.ts', 'src/domain/staff/oidc-account.ts'];
  const wrong = sources.filter(
    ({ path, text }) => !may.includes(path) && /\bnormaliseAddress,?\b.* from /.test(text),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('the product imports no test, script or benchmark', () => {
  const wrong = sources.filter((file) => importsOf(file).some((to) => !to.startsWith('src/')));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('a file begins with a sentence of its purpose', () => {
  const wrong = files.filter(({ text }) => !/^(#!.*\n)?\/\*\*\s[\s\S]*?[.:)`]\s*\*?\//.test(text));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('a file has at most 300 lines, or says at its head why it is longer', () => {
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

it('files are named in kebab-case, and not with empty words', () => {
  const wrong = files.filter(({ path }) =>
    path
      .split('/')
      .some(
        (part) => !/^[a-z0-9.-]+$/.test(part) || /\b(utils?|helpers?|managers?|services?|info)\b/.test(part),
      ),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('the list of decisions has each of them, with its title', () => {
  const folder = join(root, 'docs/decisions');
  const list = readFileSync(join(folder, 'README.md'), 'utf8').split('\n');
  const entries = readdirSync(folder)
    .filter((name) => name !== 'README.md')
    .map((name) => `- [${readFileSync(join(folder, name), 'utf8').split('\n')[0]?.slice(2)}](${name})`);
  expect(entries.filter((entry) => !list.includes(entry))).toEqual([]);
});
