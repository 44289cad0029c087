/**
 * `npm run bench`: page views, saves, one-clicks, minting and bulk edits, each compared with its ceiling in the same run, in turns; memory and
 * start; the plans of the contacts index at a hundred and at a million contacts. `--json FILE` writes the figures as one object; `--quick` tries it
 * out; `--api`, `--event-loop`, `--import`, `--export`, `--workflows`, `--webhooks`, `--triggers`, `--dashboard` and `--lists` measure that only; `--import-rows N`, `--import-rounds N`,
 * `--export-rows N` and `--contacts N` set sizes. Fails on any answer that is not 2xx or 3xx.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readKeySet } from '../src/tokens/keys.js';
import { pause, residentMb, startLoad, startServer } from './child.js';
import type { ServerProcess } from './child.js';
import { measureApi } from './api.js';
import type { ApiFigures } from './api.js';
import { measureBulkEdit } from './bulk-edit.js';
import { measureContacts, measureLists } from './contacts.js';
import { measureEventLoop } from './event-loop.js';
import { measureExport } from './export.js';
import type { ExportFigures } from './export.js';
import type { EventLoopFigures } from './event-loop.js';
import { measureImport } from './import.js';
import { measureContactImport } from './import-contacts.js';
import { measureMinting } from './mint.js';
import { importAsJson } from './report-contacts.js';
import type { ImportingFigures } from './report-contacts.js';
import { automationAsJson } from './report-automation.js';
import type { AutomationFigures } from './report-automation.js';
import { openBench } from './open.js';
import { apiAsJson, asJson, asPage } from './report.js';
import type { Figures } from './report.js';
import { measureWebhooks, type WebhookFigures } from './webhooks.js';
import { measureWorkflows } from './workflows.js';
import { measureDashboard, type DashboardFigures } from './dashboard.js';
import { measureTrigger, type TriggerFigures } from './trigger.js';
import { hiddenFieldsOf, requestsOf, sceneNames } from './requests.js';
import { checkActs, runRounds } from './rounds.js';
import { measureStarts } from './starts.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    quick: { type: 'boolean' },
    'event-loop': { type: 'boolean' },
    api: { type: 'boolean' },
    import: { type: 'boolean' },
    'import-rows': { type: 'string' },
    'import-rounds': { type: 'string' },
    export: { type: 'boolean' },
    'export-rows': { type: 'string' },
    workflows: { type: 'boolean' },
    webhooks: { type: 'boolean' },
    triggers: { type: 'boolean' },
    dashboard: { type: 'boolean' },
    lists: { type: 'boolean' },
    contacts: { type: 'string' },
  },
});
const size = options.quick
  ? {
      rounds: 2,
      requestsARound: 320,
      recipients: 1000,
      starts: 3,
      bulk: { rounds: 2, rows: 2000 },
      workflows: { rounds: 2, contacts: 500 },
      webhooks: { rounds: 1, events: 500 },
      trigger: { rounds: 2, contacts: 1000 },
      events: 30_000,
      contacts: 20_000,
      eventLoopSeconds: 10,
    }
  : {
      rounds: 5,
      requestsARound: 1600,
      recipients: 2000,
      starts: 7,
      bulk: { rounds: 5, rows: 6000 },
      workflows: { rounds: 4, contacts: 3000 },
      webhooks: { rounds: 3, events: 3000 },
      trigger: { rounds: 4, contacts: 6000 },
      events: 1_000_000,
      contacts: 1_000_000,
      eventLoopSeconds: 30,
    };

/** A million rows take some minutes: `--import --import-rows 1000000 --import-rounds 1`. A tenth of them is imported once more. */
const importRows = Number(options['import-rows'] ?? (options.quick ? 2000 : 20_000));
const importSize = {
  ...{ rounds: Number(options['import-rounds'] ?? (options.quick ? 1 : 2)), rows: importRows },
  knownRows: Math.max(500, Math.round(importRows / 10)),
};

const exportRows = Number(options['export-rows'] ?? (options.quick ? 3000 : 50_000));

/** A slow machine: fewer contacts in the large index. */
const contactCount = Number(options.contacts ?? size.contacts);

const dist = join(import.meta.dirname, '../dist/cli/main.js');
if (!existsSync(dist)) throw new Error('There is no dist/: run `npm run build` first.');

/** What an option measures alone. */
const alone: Readonly<Record<string, () => Promise<object>>> = {
  'event-loop': async () => {
    const eventLoop = await watchEventLoop();
    return { eventLoopMs: eventLoop.p99, eventLoop };
  },
  import: async () => importAsJson(await measureImporting()),
  export: measureExporting,
  webhooks: measureWebhookCalls,
  workflows: async () => automationAsJson(await measureAutomation()),
  triggers: measureTriggers,
  dashboard: measureDashboards,
  lists: () => measureLists(bench.database, bench.portal.subscriberIds, contactCount),
};

/** Each link is used once: one for each request of each kind, and subscribers for the bare writes of two kinds. */
const poolSize = (size.rounds + 1) * size.requestsARound;
console.log('Filling the database.');
const one = Object.entries(alone).find(([name]) => Object(options)[name] === true)?.[1];
const pools = options.api ? 1 : sceneNames.length + 0.5;
const bench = await openBench(one ? 0 : poolSize * pools);
if (one) {
  const figures = await one();
  await bench.close();
  console.log(JSON.stringify(figures, null, 2));
  process.exit();
}
const load = startLoad();
const running: ServerProcess[] = [];
try {
  if (options.api) {
    const portal = await started([dist, 'serve'], bench.env);
    console.log(JSON.stringify(apiAsJson(await measureCalls(portal)), null, 2));
  } else await measureAndReport();
} finally {
  load.stop();
  for (const server of running) await server.stop();
  await bench.close();
}

async function measureAndReport(): Promise<void> {
  const figures = await measure();
  const page = asPage(figures);
  if (!options.quick) writeFileSync(join(import.meta.dirname, 'results.md'), page);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(asJson(figures), null, 2)}\n`);
  console.log(page);
}

async function measure(): Promise<Figures> {
  // Before the requests of all rounds are in this process's memory: a process that mints a batch has no such heap to collect.
  console.log('Minting.');
  const keyFile = bench.portal.config.tokenKeysFile;
  const [key] = await readKeySet(keyFile);
  if (!key) throw new Error('There is no key.');
  const mint = await measureMinting(bench, key, { rounds: size.rounds, count: size.recipients });
  const start = await measureStarts([dist, 'serve'], bench.env, size.starts);
  const portal = await started([dist, 'serve'], bench.env);
  await pause(5000);
  const idleMb = residentMb(portal.pid);

  const people = {
    page: bench.people.slice(0, poolSize),
    save: bench.people.slice(poolSize, 2 * poolSize),
    oneClick: bench.people.slice(2 * poolSize, 3 * poolSize),
  };
  const [view] = await requestsOf(bench.portal, 'page', people.page.slice(0, 1), {});
  const html = await (await fetch(portal.url + (view?.path ?? ''))).text();
  const reference = await started(
    ['--import', 'tsx', script('reference'), bench.uriOf('reference'), keyFile, String(html.length)],
    { NODE_ENV: 'production' },
  );
  const bare = {
    page: await startBare(html, 200),
    save: await startBare('See Other', 303),
    oneClick: await startBare('You are unsubscribed.\n', 200),
  };
  const form = hiddenFieldsOf(html);
  let loadedMb = idleMb;
  const watch = setInterval(() => (loadedMb = Math.max(loadedMb, residentMb(portal.pid))), 100);
  const scenes = await runRounds(
    { bench, load },
    { portal, reference, bare },
    {
      ...size,
      pools: {
        page: await requestsOf(bench.portal, 'page', people.page, form),
        save: await requestsOf(bench.portal, 'save', people.save, form),
        oneClick: await requestsOf(bench.portal, 'oneClick', people.oneClick, form),
      },
      writePeople: bench.people.slice(3 * poolSize).map(({ id }) => id),
    },
  );
  clearInterval(watch);
  const idsOf = (some: typeof bench.people) => some.map(({ id }) => id);
  await checkActs(bench, {
    page: idsOf(people.page),
    save: idsOf(people.save),
    oneClick: idsOf(people.oneClick),
  });
  const api = await measureCalls(portal);
  console.log('Bulk edits.');
  const bulk = await measureBulkEdit(bench.database, { ...size.bulk, env: bench.env });
  const importing = await measureImporting();
  const exports = await measureExporting();
  console.log(`Contacts: ${contactCount.toLocaleString('en')} of them, which takes minutes.`);
  const { portal: parts } = bench;
  const contacts = await measureContacts(bench.database, parts.config, parts.subscriberIds, contactCount);
  const automation = await measureAutomation();
  const staff = { bulk, contacts, importing };
  const eventLoop = await watchEventLoop();
  const databaseKind = bench.database.kind;
  return {
    ...size,
    scenes,
    mint,
    idleMb,
    loadedMb,
    start,
    api,
    eventLoop,
    exports,
    staff,
    automation,
    databaseKind,
    pageBytes: html.length,
  };
}

/** Calls of the API for people whose page was only viewed. */
async function measureCalls(portal: ServerProcess): Promise<ApiFigures> {
  console.log('The API.');
  const { tokenKeysFile, subscriberIdKey } = bench.portal.config;
  const reference = await started(
    ['--import', 'tsx', script('reference-api'), bench.uriOf('reference'), tokenKeysFile, subscriberIdKey],
    { NODE_ENV: 'production' },
  );
  const { rounds, requestsARound } = size;
  const people = bench.people.slice(0, poolSize);
  return measureApi({ bench, load, portal, reference }, { people, rounds, requestsARound });
}

async function measureImporting(): Promise<ImportingFigures> {
  console.log('Imports.');
  const { database, env, folder } = bench;
  // Contacts take far longer than opt-outs, and more of them change no figure.
  const rows = Math.min(importSize.knownRows * 2, 10_000);
  const contacts = await measureContactImport(database, { rows, env, folder });
  return { ...(await measureImport(database, { ...importSize, env, folder })), contacts };
}

function measureExporting(): Promise<ExportFigures> {
  console.log('Exports.');
  return measureExport(bench.database, { rows: exportRows, env: bench.env });
}

async function measureAutomation(): Promise<AutomationFigures> {
  console.log('Workflows.');
  const workflows = await measureWorkflows(bench.database, bench.portal.config, size.workflows);
  const trigger = await measureTriggers();
  return { workflows, trigger, dashboard: await measureDashboards(), webhooks: await measureWebhookCalls() };
}

function measureTriggers(): Promise<TriggerFigures> {
  console.log('Triggers.');
  return measureTrigger(bench.database, { ...size.trigger, env: bench.env });
}

function measureDashboards(): Promise<DashboardFigures> {
  console.log('Dashboard.');
  return measureDashboard(bench.database, bench.portal.config, size.events);
}

function measureWebhookCalls(): Promise<WebhookFigures> {
  console.log('Webhooks.');
  return measureWebhooks(bench.database, bench.portal.config, { ...size.webhooks, env: bench.env });
}

function watchEventLoop(): Promise<EventLoopFigures> {
  console.log('Event loop.');
  const { database, env, folder } = bench;
  return measureEventLoop(database, { env, folder, seconds: size.eventLoopSeconds });
}

async function startBare(text: string, status: number): Promise<ServerProcess> {
  const file = join(bench.folder, `bare-${status}-${text.length}`);
  writeFileSync(file, text);
  return started(['--import', 'tsx', script('bare'), file, String(status)], {});
}

async function started(args: string[], env: Record<string, string>): Promise<ServerProcess> {
  const server = await startServer(args, env);
  running.push(server);
  return server;
}

function script(name: string): string {
  return join(import.meta.dirname, `${name}.ts`);
}
