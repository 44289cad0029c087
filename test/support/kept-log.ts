/** Keeps what test portals log, so that the log of the whole suite can be searched when it is over (scripts/canaries.ts). */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names the folder, where somebody wants the lines kept. */
export const logFolderVariable = 'SAYSO_TEST_LOGS';

/** The key of the subscriber ids in every test portal; it must be in no line. */
export const keyOfTheTests = 'key-of-the-tests-key-of-the-tests-key-of-the-tests';

/** Adds a line to those of a portal, and to the file of this process. */
export function keepLog(logged: string[], line: string): void {
  logged.push(line);
  const folder = process.env[logFolderVariable];
  if (folder) appendFileSync(join(folder, `${process.pid}.log`), line);
}
