/** `sayso key`: API keys from the command line. The staff page lists and revokes them. */
import { Option, type Command } from 'commander';
import { oneLine } from '../clean-text.js';
import { requireUnit } from '../domain/consent/catalogue.js';
import { createApiKey, longestKeyName, toldOfKey } from '../domain/staff/api-keys.js';
import { recordAudit } from '../domain/staff/audit.js';
import { DomainError } from '../errors.js';
import { apiScopes, type ApiScope } from '../models/api-key.js';
import { withContext, print } from './context.js';
import { wholeNumber } from './target-options.js';

interface CreateOptions {
  name: string;
  scope: ApiScope[];
  unit?: number[];
  days?: number;
}

export function addKeyCommand(program: Command): void {
  program
    .command('key')
    .description('API keys, with which other systems call the API; /admin lists and revokes them')
    .command('create')
    .description('Create an API key and print it; it cannot be shown again')
    .requiredOption('--name <name>', 'which system will use it')
    .addOption(new Option('--scope <scope...>', 'what it may do').choices(apiScopes).makeOptionMandatory())
    .option(
      '--unit <id>',
      'a business unit that it reaches; may be given several times; without it, all units',
      (text: string, before?: number[]) => [...(before ?? []), wholeNumber(text)],
    )
    .option('--days <n>', 'it expires after so many days; without it, never', wholeNumber)
    .action(create);
}

async function create({ name: given, scope: scopes, unit, days }: CreateOptions): Promise<void> {
  const name = oneLine(given);
  if (name === '' || name.length > longestKeyName)
    throw new DomainError('INVALID_FORM', `A name has 1 to ${longestKeyName} characters.`);
  if (days === 0) throw new DomainError('INVALID_FORM', 'A key is valid for at least one day.');
  await withContext(async ({ deps }) => {
    const catalogue = await deps.catalogue();
    for (const id of unit ?? []) requireUnit(catalogue, id);
    const expiresAt = days === undefined ? null : new Date(deps.clock().getTime() + days * 86_400_000);
    const wanted = { name, scopes: [...new Set(scopes)], scope: unit ?? null, expiresAt, by: 'cli' };
    const { record, key } = await createApiKey(deps, wanted);
    await recordAudit(deps, { ...toldOfKey(record), kind: 'KEY_CREATED', by: 'cli' });
    print(key);
  });
}
