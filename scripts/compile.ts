/** Runs `sayso --help`, which loads every command, and keeps what V8 has compiled by then: `compile.ts PROGRAM FILE` */
import { writeFileSync } from 'node:fs';
import { readProgram, runProgram } from '../src/cli/compiled.js';

const [, , program = '', compiled = ''] = process.argv;
const script = readProgram(program);
process.once('exit', () => writeFileSync(compiled, script.createCachedData()));
process.argv = [process.execPath, program, '--help'];
runProgram(script, program);
