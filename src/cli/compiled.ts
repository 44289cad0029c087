/** The whole program in one file, and beside it what V8 made of that file, so that a start neither looks for modules nor compiles them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** Name of the program within `dist`, and of what V8 made of it. */
export const programName = 'sayso.cjs';
export const compiledName = 'sayso.compiled';

/**
 * Reads a program (CommonJS).
 * @param compiled what V8 made of this very file before; another version of V8 passes it over, and compiles anew
 */
export function readProgram(file: string, compiled?: Buffer): Script {
  const text = readFileSync(file, 'utf8');
  return new Script(`(function (require, module, exports, __filename, __dirname) {${text}\n})`, {
    filename: file,
    ...(compiled ? { cachedData: compiled } : {}),
  });
}

/** Runs it as Node would run a module. */
export function runProgram(script: Script, file: string): void {
  const module = { exports: {} };
  script.runInThisContext()(createRequire(file), module, module.exports, file, dirname(file));
}
