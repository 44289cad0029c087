/** Keeps what test portals log, so that the log of the whole suite can be searched after the run (scripts/canaries.ts). */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names the folder for the kept log lines, if they are wanted. */
export const logFolderVariable = 'SAYSO_TEST_LOGS';

/** The key of the subscriber ids in every test portal. It must be in no log line. */
export const keyOfTheTests = 'key-of-the-tests-key-of-the-tests-key-of-the-tests';

/** Adds a line to those of a portal, and to the file of this process. */
export function keepLog(logged: string[], line: string): void {
  logged.push(line);
  const folder = process.env[logFolderVariable];
  if (folder) appendFileSync(join(folder, `${process.pid}.log`), line);
}
