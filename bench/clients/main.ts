/**
 * Clients of dashboards, and far too many of them: `npm run bench:clients`.
 *
 * As many connections as queries run at once find out how many questions a second the server answers, caches off and on. Then as many as
 * 60 % of that come over 64 connections by a schedule, and latency counts from when each was due. Then ten times as many come for a while: how fast is a refusal, how much is answered
 * all the same, and how long does it take until latency is back? The server is a process of its own, and so are the clients, which
 * share its processors: under overload they take a good part of them.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EVENTS } from '../dashboards/events.js';
import { Server } from '../dashboards/server.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { parquetFile } from '../query/generate.js';
import { thisMachine } from '../query/machine.js';
import { count, runMain, UsageError } from '../query/options.js';
import { REPOSITORY } from '../query/peer.js';
import { VarvePeer } from '../query/varve-peer.js';
import type { Capacity, Order } from './clients.js';
import type { OpenRound } from './open-loop.js';
import { reportText, type ServerNow, type Trial } from './report.js';

const DATA = join(REPOSITORY, 'bench', 'data');
const RESULTS = join(REPOSITORY, 'bench', 'results');
const CONNECTIONS = 64;
/** No more than queries that run at once by default: who is refused would ask again at once, and refusals would be measured. */
const CAPACITY_CONNECTIONS = 16;
/** More than the server may keep waiting. */
const OVERLOAD_CONNECTIONS = 192;
const OVERLOAD = 10;
const STEADY_SHARE = 0.6;
/** Seconds that are not measured. */
const WARM_UP_SECONDS = 3;

const USAGE = `npm run bench:clients -- [options]
  --rows 2000000    rows of the table
  --seconds 30      of each measurement
  --overload 60     seconds of the overload
  --after 15        seconds that are looked at after it
  --caches both     off, on or both`;

const say = (text: string): void => console.error(text);

interface Options {
  readonly rows: number;
  readonly seconds: number;
  readonly overload: number;
  readonly after: number;
  readonly caches: readonly boolean[];
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '2000000' },
      seconds: { type: 'string', default: '30' },
      overload: { type: 'string', default: '60' },
      after: { type: 'string', default: '15' },
      caches: { type: 'string', default: 'both' },
    },
  });
  const ways: Readonly<Record<string, boolean[]>> = {
    off: [false],
    on: [true],
    both: [false, true],
  };
  const caches = ways[values.caches];
  if (caches === undefined) throw new UsageError(USAGE);
  return {
    rows: count('rows', values.rows),
    seconds: count('seconds', values.seconds),
    overload: count('overload', values.overload),
    after: count('after', values.after),
    caches,
  };
}

/** Lets clients in another process ask. */
function runClients<Report>(order: Order): Promise<Report> {
  const child = fork(fileURLToPath(new URL('clients.js', import.meta.url)));
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as Report));
    child.once('exit', (code) => reject(new Error(`the clients ended (${code})`)));
    child.send(order);
  });
}

async function serverNow(url: string): Promise<ServerNow> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string): number => {
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length) ?? Number.NaN);
  };
  const delay = (quantile: string) =>
    1000 * value(`varve_event_loop_delay_seconds{quantile="${quantile}"}`);
  return {
    residentBytes: value('varve_process_resident_bytes'),
    loopDelayP99Ms: delay('0.99'),
    loopDelayMaxMs: delay('1'),
  };
}

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

async function trialOf(url: string, caches: boolean, options: Options): Promise<Trial> {
  const { seconds, overload: overloadSeconds, after } = options;
  const target = { url, caches, connections: CONNECTIONS };
  const closed = { ...target, connections: CAPACITY_CONNECTIONS, kind: 'closed' } as const;
  await runClients<Capacity>({ ...closed, start: 1e6, seconds: WARM_UP_SECONDS });
  const { perSecond: capacity } = await runClients<Capacity>({ ...closed, start: 2e6, seconds });
  say(`caches ${caches ? 'on' : 'off'}: ${capacity.toFixed(0)} answers/s`);
  const before = await serverNow(url);
  const steadyPerSecond = STEADY_SHARE * capacity;
  const steadyStretch = { perSecond: steadyPerSecond, seconds };
  const open = { ...target, kind: 'open' } as const;
  const steady = await runClients<OpenRound>({ ...open, start: 3e6, stretches: [steadyStretch] });
  const afterSteady = await serverNow(url);
  say('now far too many');
  const overloadPerSecond = OVERLOAD * capacity;
  const asking = runClients<OpenRound>({
    ...open,
    connections: OVERLOAD_CONNECTIONS,
    start: 4e6,
    stretches: [
      { perSecond: overloadPerSecond, seconds: overloadSeconds },
      { perSecond: steadyPerSecond, seconds: after },
    ],
  });
  await sleep(overloadSeconds * 1000);
  const atOverload = await serverNow(url);
  const overload = await asking;
  return {
    ...{ caches, capacity, steady, steadyPerSecond, before, afterSteady },
    ...{ overload, overloadPerSecond, overloadSeconds, atOverload, after: await serverNow(url) },
  };
}

async function loaded(directory: string, rows: number): Promise<void> {
  const threads = availableParallelism();
  const maker = await DuckDBPeer.open(join(directory, 'make'), threads);
  const file = await parquetFile(EVENTS, rows, DATA, (sql) => maker.run(sql));
  await maker.close();
  const varve = await VarvePeer.open(join(directory, 'varve'), threads, DATA);
  await varve.load(EVENTS, file);
  await varve.close();
}

async function main(): Promise<void> {
  const options = parseOptions();
  for (const each of [DATA, RESULTS]) mkdirSync(each, { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), 'varve-clients-'));
  for (const name of ['make', 'varve']) mkdirSync(join(directory, name));
  try {
    await loaded(directory, options.rows);
    const server = await Server.start(join(directory, 'varve'), [], {});
    const trials: Trial[] = [];
    try {
      for (const caches of options.caches) trials.push(await trialOf(server.url, caches, options));
    } finally {
      await server.stop();
    }
    const text = reportText(thisMachine(), options.rows, trials);
    writeFileSync(join(RESULTS, 'clients.txt'), `${text}\n`);
    console.log(text);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await runMain(main);
