/** What a piece of work asks of the database. The portal must be opened with `through: monitored`. */
import type { Deps } from '../../src/deps.js';

/** @returns the commands as `find subscribers`, in their order, without those of heartbeats and of the counts that are written once a second */
export async function commandsOf(
  { deps }: { deps: Pick<Deps, 'connection'> },
  work: () => Promise<unknown>,
): Promise<string[]> {
  const commands: string[] = [];
  const note = ({ commandName, command }: { commandName: string; command: Record<string, unknown> }) => {
    const collection = String(command[commandName]);
    if (commandName !== 'hello' && collection !== 'daily_counts')
      commands.push(`${commandName} ${collection}`);
  };
  const client = deps.connection.getClient();
  client.on('commandStarted', note);
  await work();
  client.off('commandStarted', note);
  return commands;
}
