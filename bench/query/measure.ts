import { difference, type Rows } from './answers.js';
import { type Query, textFor } from './data-set.js';
import { ENGINE_NAMES, type Engine, type Peer } from './peer.js';
import { median } from './statistics.js';
import type { VarvePeer } from './varve-peer.js';

/** What became of one query. */
export interface Measured {
  readonly id: string;
  /** Name of its class. */
  readonly class: string;
  readonly tags: readonly string[];
  /** Medians. Empty when an engine failed or the answers differ. */
  readonly ms: Partial<Readonly<Record<Engine, number>>>;
  /** Measured rounds behind the medians. */
  readonly rounds: number;
  readonly resultRows: number;
  /** Failures and differing answers: the times do not count. */
  readonly errors: readonly string[];
  /** What is worth knowing, such as a peer's estimate that is far off. */
  readonly notes: readonly string[];
  /** Varve's jobs; null while it does not count them. */
  readonly jobs: { readonly compiled: number; readonly interpreted: number } | null;
}

export interface Engines {
  readonly varve: VarvePeer;
  readonly duckdb: Peer;
  readonly clickhouse: Peer;
}

export interface Plan {
  readonly rounds: number;
  readonly secondsPerQuery: number;
}

/**
 * With the comparison each engine runs a query eleven times before it counts: ClickHouse compiles an expression to machine
 * code when it sees it for the fourth time, in some 25 ms; V8 compiles what runs often again and again.
 */
const WARM_UP_ROUNDS = 10;

export const inTurn = ({ varve, duckdb, clickhouse }: Engines): readonly Peer[] => [
  varve,
  duckdb,
  clickhouse,
];

/** Compares the answers of all engines, then times them in turn. */
export async function measureQuery(
  engines: Engines,
  className: string,
  query: Query,
  plan: Plan,
): Promise<Measured> {
  const before = engines.varve.jobCounts();
  const checked = await checkAnswers(engines, query);
  const times = checked.errors.length > 0 ? [] : await timeRounds(inTurn(engines), query, plan);
  const after = engines.varve.jobCounts();
  return {
    id: query.id,
    class: className,
    tags: query.tags,
    ms: Object.fromEntries(times.map(({ engine, ms }) => [engine, median(ms)])),
    rounds: times[0]?.ms.length ?? 0,
    ...checked,
    jobs: before &&
      after && {
        compiled: after.compiledJobs - before.compiledJobs,
        interpreted: after.interpretedJobs - before.interpretedJobs,
      },
  };
}

/** Asks every engine once, which is also the first warm-up. */
async function checkAnswers(
  engines: Engines,
  query: Query,
): Promise<Pick<Measured, 'errors' | 'notes' | 'resultRows'>> {
  const errors: string[] = [];
  const notes: string[] = [];
  const answers = new Map<Engine, Rows>();
  for (const peer of inTurn(engines)) {
    const text = textFor(query, peer.engine);
    try {
      answers.set(peer.engine, (await peer.ask(text, query.context)).rows());
    } catch (error) {
      errors.push(`${query.id}: ${ENGINE_NAMES[peer.engine]} fails: ${messageOf(error)}`);
    }
  }
  const expected = await expectedRows(engines, query, answers);
  for (const [engine, rows] of answers) {
    const reference = query.approximate ? "DuckDB's exact answer" : 'DuckDB';
    const found = expected && difference(expected, rows, toleranceOf(query));
    if (!found) continue;
    const sentence = `${query.id}: ${ENGINE_NAMES[engine]} differs from ${reference} at ${found}`;
    // A peer's sketch may be coarser than we ask of ours.
    (query.approximate && engine !== 'varve' ? notes : errors).push(sentence);
  }
  return { errors, notes, resultRows: expected?.length ?? 0 };
}

/** DuckDB's answer; where queries approximate, its exact one. */
async function expectedRows(
  { duckdb }: Engines,
  { approximate }: Query,
  answers: ReadonlyMap<Engine, Rows>,
): Promise<Rows | undefined> {
  if (approximate) return (await duckdb.ask(approximate.exact)).rows();
  return answers.get('duckdb');
}

const toleranceOf = ({ varve, approximate }: Query) => ({
  // Every order here is total.
  ordered: varve.includes('ORDER BY'),
  approximate: approximate?.columns ?? [],
  within: approximate?.within,
  isRange: approximate?.isRange,
});

interface Times {
  readonly engine: Engine;
  readonly ms: number[];
}

/** Rounds in turn, so that a busy moment of the machine hits all alike. */
async function timeRounds(peers: readonly Peer[], query: Query, plan: Plan): Promise<Times[]> {
  await rounds(peers, query, WARM_UP_ROUNDS, plan.secondsPerQuery / 2);
  return rounds(peers, query, plan.rounds, plan.secondsPerQuery / 2);
}

/** At most so many rounds and, after the first, about so many seconds. */
async function rounds(
  peers: readonly Peer[],
  query: Query,
  count: number,
  seconds: number,
): Promise<Times[]> {
  const times = peers.map((peer): Times => ({ engine: peer.engine, ms: [] }));
  const start = performance.now();
  for (let round = 0; round < count && performance.now() - start < seconds * 1000; round++) {
    for (const [at, peer] of peers.entries()) times[at]!.ms.push(await timeOf(peer, query));
  }
  return times;
}

async function timeOf(peer: Peer, query: Query): Promise<number> {
  const text = textFor(query, peer.engine);
  const start = performance.now();
  await peer.ask(text, query.context);
  return performance.now() - start;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
