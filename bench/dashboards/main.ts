/**
 * Selective dashboards: `npm run bench:dashboards`.
 *
 * Clients ask about one user of 100,000, with two or three conditions, one question after the other. Varve is asked over HTTP:
 * the server is a process of its own, and so are the clients. The peers run in this process, which saves them HTTP; they are
 * asked by as many clients at once, with all threads. Answers are compared first.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { difference } from '../query/answers.js';
import { ClickHousePeer } from '../query/clickhouse-peer.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { parquetFile } from '../query/generate.js';
import { thisMachine } from '../query/machine.js';
import { count, runMain } from '../query/options.js';
import { ENGINE_NAMES, type Peer, REPOSITORY } from '../query/peer.js';
import { VarvePeer } from '../query/varve-peer.js';
import { closedLoop, type Round } from './closed-loop.js';
import { EVENTS, requestAt } from './events.js';
import { type EngineRounds, type Report, reportText } from './report.js';
import { runClients, Server } from './server.js';

const DATA = join(REPOSITORY, 'bench', 'data');
const RESULTS = join(REPOSITORY, 'bench', 'results');
const THREADS = availableParallelism();
/** Questions whose answers are compared. */
const COMPARED = 60;
/** Seconds that are not measured. */
const WARM_UP_SECONDS = 10;

const USAGE = `npm run bench:dashboards -- [options]
  --rows 5000000    rows of the table
  --clients 8       clients that ask at once
  --rounds 3        measured rounds, of which the best counts
  --seconds 10      time of a round
  --engines varve   without the peers, when given
  --profile         writes a CPU profile of the server to bench/results`;

/** Progress goes to stderr, so that the report can be piped. */
const say = (text: string): void => console.error(text);

interface Options {
  readonly rows: number;
  readonly clients: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly withPeers: boolean;
  readonly profile: boolean;
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '5000000' },
      clients: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '10' },
      engines: { type: 'string', default: 'all' },
      profile: { type: 'boolean', default: false },
    },
  });
  return {
    rows: count('rows', values.rows),
    clients: count('clients', values.clients),
    rounds: count('rounds', values.rounds),
    seconds: count('seconds', values.seconds),
    withPeers: values.engines !== 'varve',
    profile: values.profile,
  };
}

/** An engine with its rows, and how clients of it are run. */
interface Contender {
  readonly engine: Peer['engine'];
  readonly version: string;
  round(plan: { seconds: number; start: number }): Promise<Measured>;
  close(): Promise<void>;
}

interface Measured {
  readonly round: Round;
  readonly cpuMs: number;
  readonly clientCpuMs: number;
}

async function loaded(peer: Peer, file: string): Promise<void> {
  const start = performance.now();
  await peer.load(EVENTS, file);
  say(
    `${ENGINE_NAMES[peer.engine]} loaded in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
}

/** As many connections as clients, where an engine has such. */
function inProcess(peer: Peer, connections: readonly Peer[]): Contender {
  const asks = connections.map((each) => (place: number) => each.ask(requestAt(place).sql));
  return {
    engine: peer.engine,
    version: peer.version,
    async round(plan) {
      const round = await closedLoop(asks, plan);
      return { round, cpuMs: Number.NaN, clientCpuMs: Number.NaN };
    },
    close: () => peer.close(),
  };
}

async function overHttp(dataDir: string, version: string, options: Options): Promise<Contender> {
  const flags = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${RESULTS}`] : [];
  const server = await Server.start(dataDir, flags);
  return {
    engine: 'varve',
    version,
    async round(plan) {
      const before = server.cpuMs();
      const order = { ...plan, url: server.url, clients: options.clients };
      const { cpuMs: clientCpuMs, ...round } = await runClients(order);
      return { round, cpuMs: server.cpuMs() - before, clientCpuMs };
    },
    close: () => server.stop(),
  };
}

/** Throws where an answer of an engine is not that of the first one. */
async function compareAnswers(peers: readonly Peer[]): Promise<void> {
  for (let place = 0; place < COMPARED; place++) {
    const { sql } = requestAt(place);
    const [expected, ...others] = await Promise.all(peers.map((peer) => peer.ask(sql)));
    for (const [i, answer] of others.entries()) {
      const ordered = sql.includes('ORDER BY');
      const found = difference(expected!.rows(), answer.rows(), { ordered, approximate: [] });
      if (found === null) continue;
      throw new Error(
        `${ENGINE_NAMES[peers[i + 1]!.engine]} differs from ${ENGINE_NAMES[peers[0]!.engine]} at ${found}, of ${sql}`,
      );
    }
  }
}

async function contenders(options: Options, scratch: string): Promise<Contender[]> {
  const own = (name: string): string => {
    const path = join(scratch, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const maker = await DuckDBPeer.open(own('make'), THREADS);
  const file = await parquetFile(EVENTS, options.rows, DATA, (sql) => maker.run(sql));
  await maker.close();
  const varve = await VarvePeer.open(own('varve'), THREADS, DATA);
  await loaded(varve, file);
  if (!options.withPeers) {
    await varve.close();
    return [await overHttp(own('varve'), varve.version, options)];
  }
  const duckdb = await DuckDBPeer.open(own('duckdb'), THREADS);
  const clickhouse = await ClickHousePeer.open(own('clickhouse'), THREADS);
  await loaded(duckdb, file);
  await loaded(clickhouse, file);
  await compareAnswers([varve, duckdb, clickhouse]);
  await varve.close();
  const connections = [duckdb];
  while (connections.length < options.clients) connections.push(await duckdb.another());
  return [
    await overHttp(own('varve'), varve.version, options),
    inProcess(duckdb, connections),
    inProcess(clickhouse, new Array<Peer>(options.clients).fill(clickhouse)),
  ];
}

/** Rounds in turn, so that a busy moment of the machine hits all alike. */
async function measured(all: readonly Contender[], options: Options): Promise<Report> {
  const found = all.map((): Measured[] => []);
  for (const each of all) await each.round({ seconds: WARM_UP_SECONDS, start: 1e6 });
  for (let round = 0; round < options.rounds; round++) {
    for (const [i, each] of all.entries()) {
      const one = await each.round({ seconds: options.seconds, start: 1e8 * (round + 1) });
      found[i]!.push(one);
      const { requests, seconds } = one.round;
      say(`${ENGINE_NAMES[each.engine]}: ${(requests / seconds).toFixed(1)} requests/s`);
    }
  }
  const engines = all.map(({ engine, version }, i): EngineRounds => {
    const own = found[i]!;
    return {
      engine,
      version,
      rounds: own.map(({ round }) => round),
      cpuMs: own.map(({ cpuMs }) => cpuMs),
    };
  });
  const { rows, clients, seconds } = options;
  const clientCpuMs = found[0]!.map((each) => each.clientCpuMs);
  return { rows, clients, seconds, machine: thisMachine(), engines, clientCpuMs };
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(USAGE);
  const options = parseOptions();
  const scratch = mkdtempSync(join(tmpdir(), 'varve-bench-dashboards-'));
  mkdirSync(RESULTS, { recursive: true });
  try {
    const all = await contenders(options, scratch);
    const report = await measured(all, options);
    for (const each of all) await each.close();
    console.log(reportText(report));
    const json = JSON.stringify(
      report,
      (key, value) => (key === 'latencies' ? undefined : value),
      2,
    );
    writeFileSync(join(RESULTS, 'dashboards.json'), json);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

await runMain(main);
