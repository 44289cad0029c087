/** Checks the licences of what the product ships with; `--write` writes docs/licences.md, otherwise the file is compared. */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const list = 'docs/licences.md';

const allowed = new Set(['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD']);
/** Fonts are shipped as files, not as code. */
const allowedForFonts = new Set(['OFL-1.1']);

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

interface Shipped {
  name: string;
  version: string;
  licence: string;
}

/** Every production package, from package-lock.json. A link is a package of this repository. */
function shipped(): Shipped[] {
  const { packages } = lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  return Object.entries(packages)
    .filter(
      ([path, found]) => path.startsWith('node_modules/') && !found.dev && !found.devOptional && !found.link,
    )
    .map(([path, { version, license }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: version ?? '',
      licence: license ?? 'none named',
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
}

function isAllowed({ name, licence }: Shipped): boolean {
  return allowed.has(licence) || (name.startsWith('@fontsource') && allowedForFonts.has(licence));
}

function page(packages: readonly Shipped[]): string {
  const rows = packages.map(({ name, version, licence }) => `- ${name} ${version}: ${licence}`);
  return `# Licences

What Sayso ships with, and under which licence; \`npx tsx scripts/licences.ts --write\` writes this page, and the gate compares it.
SecantusDB (GPL-2.0), the stand-in where no MongoDB can be had, is fetched by the user and run as a program of its own; it is
no part of Sayso and is not shipped with it.

${rows.join('\n')}
`;
}

const packages = shipped();
const faults = packages
  .filter((found) => !isAllowed(found))
  .map(({ name, version, licence }) => `${name} ${version} has a licence that is not allowed: ${licence}`);
if (process.argv.includes('--write')) writeFileSync(list, page(packages));
else if (read(list) !== page(packages)) {
  faults.push(`${list} is not what the lock file says: run npx tsx scripts/licences.ts --write`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
