/**
 * The whole gate, as a readable list. Arguments that name steps run only these; others go to the tests. Its last line is `N passed, N failed`:
 * every test counts as one, and every other step.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';

interface Count {
  passed: number;
  failed: number;
}

interface Step {
  name: string;
  what: string;
  run: () => Promise<Count>;
}

const arguments_ = process.argv.slice(2);
/** Where test portals keep their logs, to be searched after the tests. */
const logs = mkdtempSync(join(tmpdir(), 'sayso-logs-'));
process.env['SAYSO_TEST_LOGS'] = logs;

/** Each of them uses one core, and runs beside the tests, which wait for a part of their time. test/architecture.test.ts checks the rules of structure. */
const readings: Step[] = [
  { name: 'lint', what: 'oxlint, with types', run: command('oxlint') },
  {
    name: 'types',
    what: 'the compiler, at its strictest',
    run: command('tsc', '-p', 'tsconfig.json', '--checkers', '1'),
  },
  { name: 'format', what: 'oxfmt', run: command('oxfmt', '--check') },
  { name: 'dead-code', what: 'knip: nothing unused', run: command('knip') },
  { name: 'licences', what: 'what is shipped may be shipped', run: command('tsx', 'scripts/licences.ts') },
];
const runs: Step[] = [
  { name: 'build', what: 'the program that tests of the command line run', run: build },
  { name: 'tests', what: 'vitest: rules, pages, mails, a browser, kills', run: tests },
  {
    name: 'canaries',
    what: 'no address, token or key in the log of the tests',
    run: command('tsx', 'scripts/canaries.ts', logs),
  },
];

/** A step of one command: it passes or fails, and its output is shown when it fails. */
function command(program: string, ...args: string[]): () => Promise<Count> {
  return async () => {
    const { code, output } = await launch(program, args, 'keep');
    if (code !== 0) process.stdout.write(output);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  };
}

/** Not into `dist`, from which this installation may be running. */
async function build(): Promise<Count> {
  process.env['DIST'] = 'var/built-for-tests/dist';
  const { code, output } = await launch('npm', ['run', '--silent', 'build'], 'keep');
  if (code !== 0) process.stdout.write(output);
  process.env['SAYSO_PROGRAM'] = resolve('var/built-for-tests/dist/cli/main.js');
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/** A file that does not load, and an error outside of every test, count as one failure each. */
async function tests(): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-check-'));
  const file = join(folder, 'tests.json');
  const { code } = await launch(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...filters],
    'show',
  );
  try {
    const told = report.parse(JSON.parse(readFileSync(file, 'utf8')));
    const unloaded = told.testResults.filter(
      (one) => one.status === 'failed' && one.assertionResults.length === 0,
    );
    const failed = told.numFailedTests + unloaded.length;
    return { passed: told.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function launch(
  program: string,
  args: string[],
  output: 'keep' | 'show',
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program === 'npm' ? program : join('node_modules', '.bin', program), args, {
      stdio: ['ignore', output === 'show' ? 'inherit' : 'pipe', output === 'show' ? 'inherit' : 'pipe'],
    });
    let kept = '';
    child.stdout?.on('data', (chunk: Buffer) => (kept += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (kept += chunk.toString()));
    child.on('error', (error) => resolve({ code: 1, output: `${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output: kept }));
  });
}

function isStep(argument: string): boolean {
  return [...readings, ...runs].some(({ name }) => name === argument);
}

const isSelected = arguments_.some(isStep);
const filters = arguments_.filter((argument) => !isStep(argument));
const total: Count = { passed: 0, failed: 0 };

async function take(waiting: Step[]): Promise<void> {
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    if (isSelected && !arguments_.includes(step.name)) continue;
    // A few tests alone may log nothing, which the search would report as a fault.
    if (step.name === 'canaries' && filters.length > 0) continue;
    console.log(`${step.name}: ${step.what}`);
    const began = performance.now();
    const { passed, failed } = await step.run();
    total.passed += passed;
    total.failed += failed;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${step.name}: ${failed === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  }
}

await Promise.all([take(readings), take(runs)]);
rmSync(logs, { recursive: true, force: true });
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
