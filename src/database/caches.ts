/** The cache folder for downloads, which serve all portals of a user. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's cache folder for Sayso, after the XDG Base Directory Specification. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'sayso');
}
