/** The benchmark's results, as one object and as a page. */
import { cpus } from 'node:os';
import type { ApiFigures } from './api.js';
import type { EventLoopFigures } from './event-loop.js';
import type { ExportFigures } from './export.js';
import { automationAsJson, automationAsPage, automationMeasuredAgainst } from './report-automation.js';
import type { AutomationFigures } from './report-automation.js';
import type { SceneFigures } from './rounds.js';
import type { SceneName } from './requests.js';
import { sceneNames } from './requests.js';
import { staffAsJson, staffAsPage, staffMeasuredAgainst } from './report-contacts.js';
import type { StaffFigures } from './report-contacts.js';

export interface Figures {
  rounds: number;
  requestsARound: number;
  scenes: Record<SceneName, SceneFigures>;
  /** Recipients a second: whole links of known and of new ones, their tokens only, and bare jose for as many tokens. `ratio` is of the tokens. */
  mint: {
    known: number;
    new: number;
    tokens: number;
    jose: number;
    ratio: number;
    ratioKnown: number;
    ratioNew: number;
  };
  idleMb: number;
  loadedMb: number;
  start: { portalMs: number; bareMs: number; ratio: number };
  api: ApiFigures;
  eventLoop: EventLoopFigures;
  exports: ExportFigures;
  staff: StaffFigures;
  automation: AutomationFigures;
  databaseKind: string;
  pageBytes: number;
}

const goals: Record<SceneName, number> = { page: 0.8, save: 0.8, oneClick: 0.85 };

/** Sayso and listmonk 6.2 on PostgreSQL, measured once in turns, in the same minutes on one machine of 2 cores. */
const comparison: Record<
  SceneName,
  { sayso: string; listmonk: string; saysoP99: string; listmonkP99: string }
> = {
  page: { sayso: '1,580', listmonk: '775', saysoP99: '25', listmonkP99: '' },
  save: { sayso: '736', listmonk: '537', saysoP99: '115 to 130', listmonkP99: '20 to 50' },
  oneClick: { sayso: '827', listmonk: '1,537', saysoP99: '115 to 130', listmonkP99: '20 to 50' },
};

const labels: Record<SceneName, string> = {
  page: 'Page view',
  save: 'Page save (two types)',
  oneClick: 'One-click POST',
};

/** The ratios of the API. */
export function apiAsJson({ eligibility, batchRead, statusWrite, mintHttp }: ApiFigures): object {
  return {
    eligibility: eligibility.ratio,
    batchRead: batchRead.ratio,
    statusWrite: statusWrite.ratio,
    mintHttp: mintHttp.ratio,
    calls: { eligibility, batchRead, statusWrite, mintHttp },
  };
}

/** The figures for `--json`: ratios under their names, and next to them what each was measured against. */
export function asJson(figures: Figures): object {
  const { scenes, mint, start } = figures;
  return {
    page: scenes.page.ratio,
    save: scenes.save.ratio,
    oneClick: scenes.oneClick.ratio,
    mint: mint.ratio,
    idleMb: figures.idleMb,
    loadedMb: figures.loadedMb,
    start: start.ratio,
    eventLoopMs: figures.eventLoop.p99,
    exportRows: figures.exports.rowsASecond,
    exportMb: figures.exports.wholeMb,
    pageCpuMs: scenes.page.cpuMs,
    oneClickCpuMs: scenes.oneClick.cpuMs,
    oneClickP50: scenes.oneClick.p50Ms,
    oneClickP99: scenes.oneClick.p99Ms,
    oneClickReferenceP50: scenes.oneClick.referenceP50Ms,
    oneClickReferenceP99: scenes.oneClick.referenceP99Ms,
    ...apiAsJson(figures.api),
    ...staffAsJson(figures.staff),
    ...automationAsJson(figures.automation),
    measuredAgainst: {
      page: 'express, helmet, one token verified by jose, one projected lean read, a Handlebars page of the same bytes',
      save: 'the same token, an urlencoded form, the same read, one conditional write of the same size by the bare driver, 303',
      oneClick: 'the same token and read, one conditional write of the same size by the bare driver, 200',
      mint: 'bare jose: SignJWT of the same number of tokens in batches of 500, beside the tokens that links have',
      oneClickCpuMs:
        'milliseconds of CPU of the portal alone for each one-click; goal: at most pageCpuMs, that of a page view',
      oneClickP99:
        'milliseconds at saturation, 16 connections, without the first answer of each; goal: at most three times oneClickP50',
      idleMb: 'resident memory (VmRSS) of `sayso serve`, five seconds after its start; goal 120',
      loadedMb: 'the highest resident memory during all of the load; goal 220',
      eligibility: 'express, helmet, the same read of the key, one projected lean read, the same JSON',
      batchRead: 'the same for 100 addresses in one read, with 15 statuses each',
      statusWrite:
        'the same read of the key and of the subscriber, one conditional write of the same size by the bare driver',
      mintHttp: 'the same read of the key, one read of 500 subscribers, three tokens each by SignJWT, NDJSON',
      ...staffMeasuredAgainst,
      ...automationMeasuredAgainst,
      exportRows: 'rows a second of the export of unsubscribed addresses by a worker, to GridFS',
      exportMb:
        'highest resident memory of the worker during that export; goal: as much as for a tenth of the rows, or for the first 20,000',
      eventLoopMs:
        'how long a request waits for the event loop of `sayso serve` with 100 units of 64 kB logos and 300 types, 99th percentile over the time; goal 20, or what bare node waits on a busy machine',
      start: 'a bare node:http server, from its start to its first connection; the database runs already',
    },
    figures,
  };
}

export function asPage(figures: Figures): string {
  const { scenes, mint, start } = figures;
  const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const model = cpus()[0]?.model ?? 'unknown processor';
  return `# Benchmark

Written by \`npm run bench\`. ${cpus().length} cores (${model}), Node ${process.version}, database ${figures.databaseKind} with sync on commit,
15 types of three units, 16 connections, every request by a link of its own; the load and the database run on the same cores. Portal and reference take turns:
${figures.rounds} rounds of ${figures.requestsARound} requests of each kind, after one to warm up. Figures are medians; a ratio is the median of the rounds' own ratios.

## Beside the ceilings

${row('', 'portal, a second', 'reference', 'ratio', 'goal', 'bare `node:http`', 'bare write')}
${row('---', '---:', '---:', '---:', '---:', '---:', '---:')}
${sceneNames
  .map((name) => {
    const { portal, reference, ratio, bare, write } = scenes[name];
    const goal = goals[name].toFixed(2);
    return row(
      labels[name],
      whole(portal),
      whole(reference),
      ratio.toFixed(2),
      goal,
      whole(bare),
      whole(write),
    );
  })
  .join('\n')}
${row('Minting, recipients', whole(mint.tokens), whole(mint.jose), mint.ratio.toFixed(2), '0.90', '', '')}

The references are hand-stripped handlers (\`bench/reference.ts\`): express, helmet, the same token verified once, one projected lean read of the same
document; then a Handlebars page of the same ${figures.pageBytes} bytes, or one conditional write of the same size by the bare driver. Minting signs three tokens a
recipient, beside \`SignJWT\` for as many. Whole links, with the reads and writes of the database, come to ${whole(mint.known)} known recipients a second
(${mint.ratioKnown.toFixed(2)}) and ${whole(mint.new)} new ones (${mint.ratioNew.toFixed(2)}).

## The API

${row('', 'portal, a second', 'reference', 'ratio', 'goal')}
${row('---', '---:', '---:', '---:', '---:')}
${apiRows(figures.api)
  .map(([label, { portal, reference, ratio }]) =>
    row(label, whole(portal), whole(reference), ratio.toFixed(2), '0.80'),
  )
  .join('\n')}

The references are hand-stripped handlers (\`bench/reference-api.ts\`) that read the same key and the same subscribers, and write and answer the same.

## Exports

A worker exports ${whole(figures.exports.rows)} unsubscribed addresses at ${whole(figures.exports.rowsASecond)} rows a second, with at most ${whole(figures.exports.wholeMb)} MB
of memory; the first ${whole(figures.exports.firstRows)} of them took ${whole(figures.exports.firstMb)} MB.

## Time of each request

${row('', 'CPU ms, portal', 'CPU ms, database', 'p50, ms', 'p99, ms', 'p50 of the reference', 'p99 of the reference')}
${row('---', '---:', '---:', '---:', '---:', '---:', '---:')}
${sceneNames
  .map((name) => {
    const { cpuMs, databaseCpuMs, p50Ms, p99Ms, referenceP50Ms, referenceP99Ms } = scenes[name];
    const times = [p50Ms, p99Ms, referenceP50Ms, referenceP99Ms].map(whole);
    return row(labels[name], cpuMs.toFixed(2), databaseCpuMs.toFixed(2), ...times);
  })
  .join('\n')}

The times until the answer are those at saturation, without the first answer of each connection. Goals for a one-click: the portal's CPU at most that of
a page view, and a p99 of at most three times its p50.

## Beside what people run today

${row('', 'Sayso, a second', 'listmonk 6.2, a second', 'Sayso, p99 ms', 'listmonk, p99 ms')}
${row('---', '---:', '---:', '---:', '---:')}
${sceneNames
  .map((name) => {
    const { sayso, listmonk, saysoP99, listmonkP99 } = comparison[name];
    return row(labels[name], sayso, listmonk, saysoP99, listmonkP99);
  })
  .join('\n')}

These figures were measured once, in turns, in the same minutes on one machine of 2 cores, with listmonk on PostgreSQL. They are of an earlier build of Sayso, and
comparable only with each other.

## Memory and start

${row('', 'measured', 'goal')}
${row('---', '---:', '---:')}
${row('Resident when idle', `${whole(figures.idleMb)} MB`, '120 MB')}
${row('Resident under load', `${whole(figures.loadedMb)} MB`, '220 MB')}
${row('Start to listening', `${whole(start.portalMs)} ms, ${start.ratio.toFixed(1)} times bare node's ${whole(start.bareMs)} ms`, '8 times')}
${row('Wait for the event loop with 100 brands and logos, 99th percentile', `${figures.eventLoop.p99.toFixed(1)} ms, beside bare node's ${figures.eventLoop.bareP99.toFixed(1)} ms`, '20 ms')}
${staffAsPage(figures.staff)}${automationAsPage(figures.automation)}`;
}

function apiRows({ eligibility, batchRead, statusWrite, mintHttp }: ApiFigures) {
  return [
    ['Eligibility of one address', eligibility],
    ['Batch read of 100 addresses', batchRead],
    ['Status write', statusWrite],
    ['Links of 500 recipients', mintHttp],
  ] as const;
}

function whole(figure: number | undefined): string {
  return figure === undefined ? '' : Math.round(figure).toLocaleString('en');
}
