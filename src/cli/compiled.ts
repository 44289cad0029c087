/** The whole program in one file, and next to it V8's code cache, so that a start neither looks for modules nor compiles them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** Names of the program and of its code cache within `dist`. */
export const programName = 'sayso.cjs';
export const compiledName = 'sayso.compiled';

/**
 * Reads a program (CommonJS).
 * @param compiled the code cache of this file; another version of V8 ignores it, and compiles anew
 */
export function readProgram(file: string, compiled?: Buffer): Script {
  // It is all ASCII, which is read faster so.
  const text = readFileSync(file, 'latin1');
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
