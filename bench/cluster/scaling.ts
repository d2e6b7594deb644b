import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { open } from '../../server/index.js';
import { Server } from '../dashboards/server.js';
import { FLIGHTS_DIRECTORY } from '../flights.js';
import { NO_CACHES } from '../no-caches.js';
import type { Part, PartOptions } from '../parts.js';
import { table } from '../query/markdown.js';
import { count } from '../query/options.js';
import { type Load, loadOf } from './load.js';
import { type Cluster, cpuOf, DruidClient, loadTable, startCluster } from './processes.js';
import { flightsSpec } from './tables.js';

const HISTORICALS = [1, 2, 4];

const QUESTIONS = [
  { name: 'sum, min, max', sql: 'SELECT SUM(delay), MIN(distance), MAX(distance) FROM flights' },
  {
    name: 'by origin',
    sql: 'SELECT origin, COUNT(*), SUM(delay) FROM flights GROUP BY origin ORDER BY origin',
  },
  {
    name: 'by origin and destination',
    sql: 'SELECT origin, destination, COUNT(*), SUM(distance) FROM flights GROUP BY origin, destination ORDER BY origin, destination',
  },
];

/** One client alone, and as many as keep all processors busy. */
const MANY_CLIENTS = 8;

interface Measured {
  readonly question: string;
  readonly alone: Load;
  readonly many: Load;
  readonly answer: string;
}

interface Scale {
  readonly historicals: number;
  readonly cluster: readonly Measured[];
  /** One process with as many workers. */
  readonly single: readonly Measured[];
}

/** What a server answers, and what it costs. */
async function measure(url: string, clocks: (() => number)[], seconds: number) {
  const client = new DruidClient(url);
  const all: Measured[] = [];
  for (const { name, sql } of QUESTIONS) {
    const ask = () => client.sql(sql);
    const answer = JSON.stringify(await ask());
    const alone = await loadOf(ask, clocks, { clients: 1, seconds });
    const many = await loadOf(ask, clocks, { clients: MANY_CLIENTS, seconds });
    all.push({ question: name, alone, many, answer });
  }
  return all;
}

async function ofCluster(historicals: number, seconds: number): Promise<Measured[]> {
  const cluster: Cluster = await startCluster(historicals, [FLIGHTS_DIRECTORY]);
  try {
    await loadTable(cluster, flightsSpec(), 'flights');
    const clocks = [cpuOf(cluster, 'broker'), cpuOf(cluster, 'historical')];
    return await measure(cluster.of('broker')[0]!.url, clocks, seconds);
  } finally {
    await cluster.close();
  }
}

async function ofSingle(directory: string, workers: number, seconds: number): Promise<Measured[]> {
  const server = await Server.start(directory, [], NO_CACHES, { workers });
  try {
    return await measure(server.url, [() => server.cpuMs()], seconds);
  } finally {
    await server.stop();
  }
}

function checkAnswers({ historicals, cluster, single }: Scale): void {
  for (const [i, { question, answer }] of cluster.entries()) {
    if (answer === single[i]!.answer) continue;
    throw new Error(`${question}: ${historicals} historicals answer otherwise than one process`);
  }
}

async function run({ setting, dataDirectory, say }: PartOptions) {
  const seconds = count('seconds', setting('seconds'));
  const directory = mkdtempSync(join(dataDirectory, 'cluster-'));
  try {
    const path = join(directory, 'single');
    const varve = await open(path, { localRoots: [FLIGHTS_DIRECTORY] });
    await varve.ingest(flightsSpec() as Parameters<typeof varve.ingest>[0]);
    await varve.close();
    const scales: Scale[] = [];
    for (const historicals of HISTORICALS) {
      say(`${historicals} historicals …`);
      const cluster = await ofCluster(historicals, seconds);
      const single = await ofSingle(path, historicals, seconds);
      scales.push({ historicals, cluster, single });
      checkAnswers(scales.at(-1)!);
    }
    return { text: report(scales), json: scales };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const HEAD = ['question', 'nodes', 'p50', 'p99', '8: per s', '8: p50', '8: p99', 'CPU'];
const SINGLE_HEAD = ['1 process: p50', 'p99', '8: per s', 'CPU'];

function report(scales: readonly Scale[]): string {
  const lines = QUESTIONS.flatMap((_, i) =>
    scales.map(({ historicals, cluster, single }) => {
      const { question, alone, many } = cluster[i]!;
      const one = single[i]!;
      return [
        ...[question, String(historicals), ms(alone.p50Ms), ms(alone.p99Ms)],
        ...[many.perSecond.toFixed(0), ms(many.p50Ms), ms(many.p99Ms)],
        many.cpuMs.map(ms).join(' + '),
        ...[ms(one.alone.p50Ms), ms(one.alone.p99Ms)],
        ...[one.many.perSecond.toFixed(0), ms(one.many.cpuMs[0]!)],
      ];
    }),
  );
  return `### scaling: three million flights in segments of a day, one worker in each historical

Beside it one process with as many workers as there are historicals; the answers are the same. Milliseconds of one client, and of eight at a time; CPU of a question with eight clients: broker + historicals. Clients run on the same processors.

${table([...HEAD, ...SINGLE_HEAD], lines)}`;
}

const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

export const scaling: Part = { name: 'scaling', run };
