/** Dockerfile and compose.yaml: without Docker here, at least everything that they name exists. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { variableNames } from '../src/config.js';
import { secretNames } from '../src/environment.js';
import { patterns } from '../src/paths.js';

const root = new URL('../', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, root), 'utf8');
const dockerfile = read('Dockerfile');
const compose = read('compose.yaml');
const dockerignore = read('.dockerignore').split('\n');
const known = new Set([...variableNames, ...secretNames.map((name) => `${name}_FILE`)]);
const { scripts, bin } = createRequire(import.meta.url)('../package.json') as {
  scripts: Record<string, string>;
  bin: Record<string, string>;
};

describe('the Dockerfile', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
    (match[1] ?? '').split(' '),
  );

  it('copies only existing files that .dockerignore lets through', () => {
    expect(copied.length).toBeGreaterThan(5);
    for (const name of copied) {
      expect(existsSync(new URL(name, root)), name).toBe(true);
      expect(dockerignore, name).toContain(`!${name}`);
    }
  });

  it('sends no other files to the builder, and no secret', () => {
    expect(dockerignore.filter((line) => line && !line.startsWith('#')).sort()).toEqual(
      ['*', ...new Set(copied.map((name) => `!${name}`))].sort(),
    );
  });

  it('runs scripts of package.json, and starts the program that it names', () => {
    for (const [, name = ''] of dockerfile.matchAll(/npm run (\S+)/g)) expect(scripts).toHaveProperty(name);
    expect(dockerfile).toContain(`ENTRYPOINT ["node", "${bin['sayso']}"]`);
  });

  it('sets only variables that the configuration knows', () => {
    const line = /^ENV (.+)$/m.exec(dockerfile)?.[1] ?? '';
    const names = line.split(' ').map((pair) => pair.split('=')[0] ?? '');
    expect(names).toContain('HOST');
    for (const name of names) expect(known, name).toContain(name);
  });

  it('runs as an ordinary user, pins Node 20, leaves out build tools, and checks /livez', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1])).toEqual([
      'node:20-slim',
      'node:20-slim',
      'node:20-slim',
    ]);
    expect(dockerfile).toContain('npm ci --omit=dev');
    expect(dockerfile).toContain(patterns.livez);
  });
});

describe('compose.yaml', () => {
  const block = /environment: &environment\n((?: {4}\w+: .+\n)+)/.exec(compose)?.[1] ?? '';
  const set = [...block.matchAll(/^ {4}(\w+):/gm)].map((match) => match[1] ?? '');

  it('sets only variables of the configuration, and every one without a default', () => {
    for (const name of set) expect(known, name).toContain(name);
    expect(set).toEqual(
      expect.arrayContaining([
        'BASE_URL',
        'SUBSCRIBER_ID_KEY_FILE',
        'UNSUBSCRIBE_MAILTO',
        'MONGODB_URI',
        'SMTP_URL',
      ]),
    );
    expect(dockerfile).toContain('TOKEN_KEYS_FILE=/var/lib/sayso-keys/');
  });

  it('runs commands of sayso', () => {
    const commands = [...compose.matchAll(/^ {4}command: \[([a-z]+)/gm)].map((match) => match[1] ?? '');
    expect(commands).toEqual(['serve', 'worker', 'keys', 'mongod']);
    for (const name of commands.slice(0, 3))
      expect(existsSync(new URL(`src/cli/${name}.ts`, root)), name).toBe(true);
  });

  it('gives secrets as files, and holds none', () => {
    expect(compose).toContain('SUBSCRIBER_ID_KEY_FILE: /run/secrets/subscriber-id-key');
    expect(compose).toContain('file: ./secrets/subscriber-id-key');
    expect(compose).not.toMatch(/SUBSCRIBER_ID_KEY:|PASSWORD|PRIVATE KEY/);
    expect(read('.gitignore').split('\n')).toContain('secrets/');
  });

  it('names each volume, anchor and service that it uses', () => {
    const volumes = /^volumes:\n((?: {2}\w+:\n)+)/m.exec(compose)?.[1]?.match(/\w+/g) ?? [];
    for (const [, name = ''] of compose.matchAll(/'(\w+):\/(?:var|data)/g))
      expect(volumes, name).toContain(name);
    for (const [, name = ''] of compose.matchAll(/<<: \*(\w+)/g)) expect(compose).toContain(`&${name}`);
    for (const [, name = ''] of compose.matchAll(/^ {6}([\w-]+): \{ condition/gm))
      expect(compose).toMatch(new RegExp(`^  ${name}:`, 'm'));
  });

  it('makes a replica set of three, under the name that the portal expects', () => {
    expect(compose).toContain('mongodb://mongo1,mongo2,mongo3/sayso?replicaSet=rs0');
    expect([...compose.matchAll(/host: '(mongo\d):27017'/g)].map((match) => match[1])).toEqual([
      'mongo1',
      'mongo2',
      'mongo3',
    ]);
    expect(compose).toContain('--replSet, rs0');
  });

  it('gives a stopping portal more time than its notice, its requests and its closing take', () => {
    const seconds = (name: RegExp) => Number(name.exec(compose)?.[1]);
    const grace = seconds(/stop_grace_period: (\d+)s/);
    expect(grace).toBeGreaterThanOrEqual(
      seconds(/STOP_NOTICE_SECONDS: \$\{STOP_NOTICE_SECONDS:-(\d+)\}/) +
        seconds(/SHUTDOWN_SECONDS: (\d+)/) +
        5,
    );
  });
});
