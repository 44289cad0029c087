#!/usr/bin/env node
/** `dist/cli/main.js` of a build: runs the program in one file that `scripts/bundle.ts` made (decision 0120). */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compiledName, programName, readProgram, runProgram } from './compiled.js';

const program = fileURLToPath(new URL(`../${programName}`, import.meta.url));
const compiled = fileURLToPath(new URL(`../${compiledName}`, import.meta.url));
runProgram(readProgram(program, existsSync(compiled) ? readFileSync(compiled) : undefined), program);
