import { createLogger, type JsonObject, systemClock } from '../../core/index.js';
import {
  DEFAULT_LIMITS,
  type NativeQuery,
  type OnStart,
  parseNativeQuery,
  QueryEngine,
  type QueryStats,
  SqlEngine,
  type WorkerExecutor,
} from '../../query/index.js';
import { type Cell, difference } from '../query/answers.js';
import type { StarQuery } from './star-set.js';
import type { StarTable } from './star-table.js';

/** What one query took, without trees and with them. */
export interface Measured {
  readonly id: string;
  readonly isUnanswerable: boolean;
  /** In the engine, of the fastest round: from the native query to rows. */
  readonly msWithout: number;
  readonly msWith: number;
  /** Of both, before that: reading the SQL and planning it. 0 of native queries. */
  readonly msPlanning: number;
  /** In the engine, of all threads of the process: what others do on the machine hardly shows in it. */
  readonly cpuMsWithout: number;
  readonly cpuMsWith: number;
  readonly rowsScanned: number;
  readonly records: number;
  /** Trees that were read. */
  readonly trees: readonly number[];
  readonly resultRows: number;
  readonly rounds: number;
}

export const cpuRatioOf = ({ cpuMsWithout, cpuMsWith }: Measured): number =>
  cpuMsWithout / cpuMsWith;

export const ratioOf = ({ msWithout, msWith }: Measured): number => msWithout / msWith;

/** With SQL's part, which is the same in both. */
export const sqlRatioOf = ({ msWithout, msWith, msPlanning }: Measured): number =>
  (msWithout + msPlanning) / (msWith + msPlanning);

const MANY = 50_000_000;
const LOGGER = createLogger({ level: 'error' });
/** Of each query at least, without trees and with them, unless they take too long: servers have been asked more often. */
const WARM_UP_ROUNDS = 20;
/** A query that takes so long without trees has been compiled after fewer rounds. */
const WARM_UP_MS = 3000;
/** A round is the mean of several times: queries by trees are short. */
const TIMES_WITHOUT = 3;
const TIMES_WITH = 40;

/** Asks a table, in this process, with as many workers as a node has. */
export class Asker {
  readonly #engine: QueryEngine;
  readonly #sql: SqlEngine;

  constructor(
    private readonly table: StarTable,
    executor: WorkerExecutor,
  ) {
    const limits = {
      ...DEFAULT_LIMITS,
      maxGroups: MANY,
      maxResultRows: MANY,
      maxSubqueryRows: MANY,
    };
    const engine = new QueryEngine({
      tables: table,
      executor,
      clock: systemClock,
      limits,
      logger: LOGGER,
    });
    const { name, columns } = table;
    const catalog = { tables: () => [name], schema: () => ({ columns }) };
    this.#engine = engine;
    this.#sql = new SqlEngine({
      engine,
      catalog,
      system: { rows: () => [] },
      clock: systemClock,
    });
  }

  /** Throws where the answers differ. */
  async measure(query: StarQuery, rounds: number, seconds: number): Promise<Measured> {
    const { id, isUnanswerable = false } = query;
    const without = await this.#ask(query, false);
    this.table.treesRead.clear();
    const answer = await this.#ask(query, true);
    const trees = [...this.table.treesRead];
    const differs = difference(without.rows, answer.rows, { ordered: false, approximate: [] });
    if (differs !== null) throw new Error(`${id}: with trees the answer differs at ${differs}`);
    const native = await this.#native(query);
    const asked = { without: inContext(native, false), with: inContext(native, true) };
    await this.#warmUp(asked);
    const times = await this.#rounds(query, asked, rounds, seconds);
    return {
      id,
      isUnanswerable,
      msWithout: least(times.without, 'ms'),
      msWith: least(times.with, 'ms'),
      msPlanning: least(times.planning, 'ms'),
      cpuMsWithout: least(times.without, 'cpuMs'),
      cpuMsWith: least(times.with, 'cpuMs'),
      rowsScanned: without.rowsScanned,
      records: answer.rowsScanned,
      trees,
      resultRows: without.rows.length,
      rounds: times.without.length,
    };
  }

  async #warmUp(asked: Asked): Promise<void> {
    const end = performance.now() + WARM_UP_MS;
    for (let i = 0; i < WARM_UP_ROUNDS && (i < 3 || performance.now() < end); i++) {
      for (let j = 0; j < TIMES_WITHOUT; j++) await this.#engine.run(asked.without);
      for (let j = 0; j < TIMES_WITH; j++) await this.#engine.run(asked.with);
    }
  }

  /** Interleaved, so that a busy moment of the machine hits both. */
  async #rounds(query: StarQuery, asked: Asked, rounds: number, seconds: number) {
    const times = { without: [] as Time[], with: [] as Time[], planning: [] as Time[] };
    const end = performance.now() + seconds * 1000;
    // What no tree answers is a scan in both.
    const timesWith = query.isUnanswerable ? TIMES_WITHOUT : TIMES_WITH;
    for (let i = 0; i < rounds && (i < 3 || performance.now() < end); i++) {
      times.without.push(await timed(() => this.#engine.run(asked.without), TIMES_WITHOUT));
      times.with.push(await timed(() => this.#engine.run(asked.with), timesWith));
      times.planning.push(await timed(() => this.#plan(query), TIMES_WITHOUT));
    }
    return times;
  }

  /** The native query that SQL becomes, too. */
  async #native({ id, query }: StarQuery): Promise<JsonObject> {
    if (typeof query !== 'string') return query;
    const { plans } = await this.#sql.explain({ query });
    if (plans.length !== 1) throw new Error(`${id} becomes ${plans.length} native queries`);
    return plans[0]!.query;
  }

  async #ask({ query }: StarQuery, useStarTree: boolean) {
    if (typeof query === 'string') {
      const seen: QueryStats[] = [];
      const onStart: OnStart = (_, stats) => void seen.push(stats);
      const { rows } = await this.#sql.run({ query, context: { useStarTree } }, { onStart });
      const rowsScanned = seen.reduce((sum, stats) => sum + stats.rowsScanned, 0);
      return { rows: rows as readonly (readonly Cell[])[], rowsScanned };
    }
    const context = { ...(query.context as object), useStarTree };
    const { rows, stats } = await this.#engine.run(parseNativeQuery({ ...query, context }));
    return { rows: rows as readonly (readonly Cell[])[], rowsScanned: stats.rowsScanned };
  }

  async #plan({ query }: StarQuery): Promise<void> {
    if (typeof query === 'string') await this.#sql.explain({ query });
  }
}

/** A native query without trees and with them. */
interface Asked {
  readonly without: NativeQuery;
  readonly with: NativeQuery;
}

const inContext = (query: JsonObject, useStarTree: boolean): NativeQuery =>
  parseNativeQuery({ ...query, context: { ...(query.context as object), useStarTree } });

interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

const least = (times: readonly Time[], what: keyof Time): number =>
  Math.min(...times.map((time) => time[what]));

/** The mean of several. */
async function timed(work: () => Promise<unknown>, times: number): Promise<Time> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < times; i++) await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms: ms / times, cpuMs: (user + system) / 1000 / times };
}
