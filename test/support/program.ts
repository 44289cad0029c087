/** How tests run the command line as a process of its own. The gate builds the program first, which starts three times as fast as its sources. */
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Arguments of node that run `sayso`. A test that runs alone runs the sources. */
export const saysoProgram: readonly string[] = process.env['SAYSO_PROGRAM']
  ? [process.env['SAYSO_PROGRAM']]
  : ['--import', import.meta.resolve('tsx'), join(root, 'src/cli/main.ts')];
