import { resolve } from 'node:path';
import {
  createLogger,
  InternalError,
  isJsonObject,
  type JsonObject,
  parseJson,
  silentLogger,
} from '../core/index.js';
import {
  checkTableName,
  NO_ROW_STATS,
  type Progress,
  type PushAnswer,
  type RowStats,
} from '../ingest/index.js';
import {
  type Explanations,
  explanationsOf,
  type FilterSummaryJson,
  nativeJson,
  type OnStart,
  parseNativeQuery,
  type QueryStats,
  type StarTreeSummaryJson,
} from '../query/index.js';
import { type ConfigInput, parseConfig } from './config.js';
import { parseDefinitions } from './lookups/definition.js';
import { startNode, type VarveNode } from './node.js';
import type { ProducerOptions } from './producer/options.js';
import { Producer } from './producer/producer.js';
import { realWorld } from './producer/transport.js';
import type { ReplayOptions, ReplaySums } from './push/dead-letters.js';
import { type PushOptions, pushRequest } from './push/push-request.js';
import type { TableStatus } from './push/pushes.js';
import { rowObjects } from './row-objects.js';

/** Settings of an embedded store: the server's configuration without what concerns HTTP. */
export type OpenOptions = Omit<ConfigInput, 'port' | 'host' | 'dataDir' | 'insecure' | 'http'>;

export interface QueryOptions {
  /** Values for the `?` of the statement, in order. */
  readonly parameters?: readonly unknown[];
  /** Druid's query context: `timeout`, `sqlTimeZone`, … */
  readonly context?: JsonObject;
  /** Cancels the query when raised. */
  readonly signal?: AbortSignal;
}

/** Druid's JSON answer to a native query, parsed: LONGs beyond 2^53 are bigints. */
export type NativeResponse = readonly JsonObject[];

export interface TaskResult {
  readonly taskId: string;
  readonly stats: RowStats;
}

/**
 * Opens a data directory, made when absent. Throws UnavailableError when another process has it
 * open, UserError when an option is wrong.
 */
export async function open(dataDir: string, options: OpenOptions = {}): Promise<Varve> {
  const config = parseConfig({ logLevel: 'silent', ...options, dataDir });
  const { logLevel: level } = config;
  const logger = level === 'silent' ? silentLogger : createLogger({ level, name: 'varve' });
  return new Varve(await startNode(config, resolve(dataDir), logger));
}

/** A store in this process. Close it, or the process may not end. */
export class Varve {
  constructor(private readonly node: VarveNode) {}

  /**
   * Rows of a SQL statement as objects, in the types of JSON results: timestamps are ISO text,
   * BIGINT is a number, or a bigint beyond 2^53.
   *
   *     await varve.sql<{ n: number }>('SELECT COUNT(*) AS n FROM flights WHERE origin = ?', ['SEA'])
   */
  async sql<Row extends object = Record<string, unknown>>(
    query: string,
    optionsOrParameters: QueryOptions | readonly unknown[] = {},
  ): Promise<Row[]> {
    const options: QueryOptions = isParameterList(optionsOrParameters)
      ? { parameters: optionsOrParameters }
      : optionsOrParameters;
    const { parameters = [], context, signal } = options;
    const result = await this.node.sql.run(
      { query, parameters: parameters.map(typedParameter), context },
      signal === undefined ? {} : { signal },
    );
    return rowObjects(result) as Row[];
  }

  /** The compiled kernel of a statement's query as WebAssembly text; null where the interpreter scans. */
  async explainKernel(statement: string): Promise<string | null> {
    const [row] = await this.sql<{ PLAN: string }>(`EXPLAIN PLAN FOR ${statement}`);
    const plans = parseJson(row?.PLAN ?? '[]') as readonly { readonly query: JsonObject }[];
    const [plan] = plans;
    if (plan === undefined) return null;
    return this.node.engine.explainKernel(parseNativeQuery(plan.query, this.node.lookups.names()));
  }

  /** Runs a statement, and tells how the rows of its filters were found, native query by native query (docs/queries.md). */
  async explainFilter(statement: string): Promise<readonly FilterSummaryJson[]> {
    return (await this.#explained(statement, { explainFilter: true })).filters ?? [];
  }

  /** Likewise, which star-trees were read, or why none was. */
  async explainStarTrees(statement: string): Promise<readonly StarTreeSummaryJson[]> {
    return (await this.#explained(statement, { explainStarTree: true })).starTrees ?? [];
  }

  /** The answer to a native query, in the shape of Druid's JSON. */
  async query(
    query: JsonObject,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<NativeResponse> {
    const parsed = parseNativeQuery(query, this.node.lookups.names());
    const result = await this.node.engine.run(parsed, signal === undefined ? {} : { signal });
    return parseJson([...nativeJson(parsed, result)].join('')) as NativeResponse;
  }

  /**
   * Runs a task (`index_parallel`, `index`, `compact` or `kill`) to its end. Its rows are visible when this
   * returns. Throws UserError for a wrong spec and InternalError, with the task's message, when it fails.
   */
  async ingest(spec: unknown, onProgress?: (progress: Progress) => void): Promise<TaskResult> {
    const taskId = await this.node.tasks.submit(spec);
    const task = await this.node.tasks.wait(taskId, onProgress);
    if (task.status !== 'SUCCESS') {
      throw new InternalError(`task ${taskId} failed: ${task.errorMsg ?? 'for no known reason'}`);
    }
    return { taskId, stats: statsOf(await this.node.tasks.report(taskId)) };
  }

  /** Makes a table that rows are pushed into, or gives it a new spec (docs/push.md); gives the version. */
  declare(table: string, spec: JsonObject): Promise<number> {
    return this.node.pushes.declare(table, spec);
  }

  /**
   * Pushes rows, or bytes that hold rows. They are on disk, and every query sees them, when this resolves; `errors` of the
   * answer tells of those that were not stored. Throws CapacityError when there is no room: push again later.
   */
  async push(
    table: string,
    rows: readonly object[] | Uint8Array,
    options: PushOptions = {},
  ): Promise<PushAnswer> {
    return this.node.pushes.push(pushRequest(table, rows, options));
  }

  /** Pushes rows one by one, gathered to batches. Close it before the store. */
  producer<Row extends object = Record<string, unknown>>(
    table: string,
    options: ProducerOptions = {},
  ): Producer<Row> {
    checkTableName(table, 'table');
    const { pushes } = this.node;
    // A push takes the memory of its body away, and the body may be needed again.
    return new Producer<Row>(
      table,
      options,
      (request) => pushes.push({ ...request, body: new Uint8Array(request.body) }),
      realWorld,
    );
  }

  /** Publishes what was pushed into a table so far, rather than when it is due. */
  async handOff(table: string): Promise<void> {
    await this.node.pushes.handOff(table);
  }

  /** Pushes dead letters of a table again; those that are stored now never count twice. */
  replayDeadLetters(table: string, options: ReplayOptions = {}): Promise<ReplaySums> {
    return this.node.pushes.replay(table, options);
  }

  /** The tables that rows are pushed into, and how each is doing. */
  pushTables(): Promise<readonly TableStatus[]> {
    return this.node.pushes.tables();
  }

  /**
   * Defines lookups by tier and name, as the body of `POST /druid/coordinator/v1/lookups/config` does (docs/lookups.md). Throws
   * UserError for what is wrong with one of them; then none is defined.
   */
  defineLookups(definitions: JsonObject): Promise<void> {
    const who = { author: '', comment: '', ip: '' };
    return this.node.lookups.define(parseDefinitions(definitions), who);
  }

  /** The names of the tables. */
  tables(): string[] {
    return this.node.inventory.tables();
  }

  /** Runs a statement, and gives what its native queries tell. */
  async #explained(statement: string, context: JsonObject): Promise<Explanations> {
    const stats: QueryStats[] = [];
    const onStart: OnStart = (_, each) => void stats.push(each);
    await this.node.sql.run({ query: statement, context }, { onStart });
    return explanationsOf(stats);
  }

  /** What was counted since the start: jobs of compiled kernels, and those that were interpreted. */
  statistics(): { readonly compiledJobs: number; readonly interpretedJobs: number } {
    const { compiledJobs, interpretedJobs } = this.node.engine.totals;
    return { compiledJobs, interpretedJobs };
  }

  close(): Promise<void> {
    return this.node.close();
  }
}

const isParameterList = (value: QueryOptions | readonly unknown[]): value is readonly unknown[] =>
  Array.isArray(value);

/** The SQL type that a JavaScript value stands for. */
function typedParameter(value: unknown) {
  if (value instanceof Date) return { type: 'TIMESTAMP', value: value.getTime() };
  if (Array.isArray(value)) return { type: 'ARRAY', value };
  switch (typeof value) {
    case 'bigint':
      return { type: 'BIGINT', value };
    case 'number':
      return { type: Number.isInteger(value) ? 'BIGINT' : 'DOUBLE', value };
    case 'boolean':
      return { type: 'BOOLEAN', value };
    default:
      return { type: 'VARCHAR', value };
  }
}

/** The row counts of a finished task's report; one that writes no rows has none. */
function statsOf(report: JsonObject | null): RowStats {
  if (report !== null && !('ingestionStatsAndErrors' in report)) return NO_ROW_STATS;
  let at: unknown = report;
  for (const key of ['ingestionStatsAndErrors', 'payload', 'rowStats', 'buildSegments']) {
    at = isJsonObject(at) ? at[key] : undefined;
  }
  if (!isJsonObject(at)) throw new InternalError('a finished task has no row statistics');
  return at as unknown as RowStats;
}
