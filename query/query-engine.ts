import {
  type Clock,
  inTurns,
  invariant,
  type JsonObject,
  type Logger,
  UnsupportedError,
} from '../core/index.js';
import { cachedAnswer } from './cache/cached-answer.js';
import type { QueryCaches } from './cache/query-caches.js';
import { Deadline, timeoutOf } from './deadline.js';
import type { ColumnSchema, Outcome, Reader, ScanEngine } from './engines/engine.js';
import { metadataEngineOf, scanEngineOf } from './engines/registry.js';
import { shownStates } from './engines/shown-states.js';
import type { Executor } from './executor/executor.js';
import { expandedColumns, isExpansion, joinsOf, leafOf } from './expansion/sources.js';
import { GroupTable } from './interpreter/group-table.js';
import { toRowBlock } from './interpreter/rows-segment.js';
import type { QueryLimits } from './limits.js';
import { parseContext, type QueryContext } from './native/context.js';
import type { DataSource, NativeQuery } from './native/query.js';
import { answerBySegment } from './plan/by-segment.js';
import { kernelOf, treesOf } from './plan/explain.js';
import { noteMissing, noteUncovered } from './plan/gaps.js';
import { type LateSketches, lateSketches } from './plan/late-sketches.js';
import { asLookups } from './plan/lookup-joins.js';
import { innerTableNames, partsIn, tableNames } from './plan/query-tables.js';
import {
  groupsBlock,
  type JoinedQuery,
  type RightSide,
  rowsPerJoinJob,
  withRemainders,
  withRights,
} from './plan/right-sides.js';
import { ROWS_PER_JOB } from './plan/row-ranges.js';
import type { ScanOptions, ScanResults } from './plan/scan-parts.js';
import { scanGroupRows } from './plan/scan-rows-in-memory.js';
import { blockRows, columnsOf, lookupRows, type Rows, tableRows } from './plan/scannable-rows.js';
import { areGroupBys, checkSubquery } from './plan/subquery-limit.js';
import { columnsIn, typesOf } from './plan/table-columns.js';
import { inPhase } from './query-phase.js';
import { outcomeOfError, QueryTotals } from './query-totals.js';
import { emptyStats, type QueryResult, type QueryStats } from './result.js';
import type { RunOptions } from './run-options.js';
import { ShareScanner } from './shares/share-scanner.js';
import { finishScan, mergedReader } from './spill/merge-results.js';
import { type QueryRoom, QueryRooms } from './spill/query-rooms.js';
import { ScanRoom } from './spill/scan-room.js';
import type { SpillSpace } from './spill/spill-space.js';
import { FEW_RECORDS } from './star/read-trees.js';
import type { StarTreeSummaryJson } from './star/tree-summary.js';
import type { TablePart, TableProvider, TableSnapshot } from './tables.js';
import { answerWindows } from './window/answer-windows.js';

export interface QueryEngineOptions {
  readonly tables: TableProvider;
  readonly executor: Executor;
  readonly clock: Clock;
  readonly limits: QueryLimits;
  readonly logger: Logger;
  /** Told of every query that was answered, but for those that nobody is to hear of. */
  readonly onAnswer?: (query: NativeQuery, stats: QueryStats) => void;
  readonly caches?: QueryCaches;
  /** Where groups go that memory does not hold; absent: nowhere. */
  readonly spillSpace?: SpillSpace;
  /** Tests make these small. Rows of one job, and bytes of groups that are worth a file. */
  readonly rowsPerJob?: number;
  readonly leastSpillBytes?: number;
  /** Rows from which on sketches wait until it is known of which groups they are wanted (`plan/late-sketches.ts`). */
  readonly lateSketchRows?: number;
  /** As many records of star-trees are folded in this thread. */
  readonly fewRecords?: number;
}

/** A query on its way. */
interface Run {
  readonly signal: AbortSignal;
  readonly stats: QueryStats;
  readonly snapshot: TableSnapshot;
  readonly room: QueryRoom;
  readonly reader: Reader;
  /** See `ScanOptions`. */
  readonly mayMiss: boolean;
}

/** A query whose rows are scanned, on its way to an answer. */
interface Scanned {
  readonly engine: ScanEngine;
  readonly query: NativeQuery;
  readonly columns: readonly ColumnSchema[];
  readonly options: ScanOptions;
  readonly scanned: ScanResults;
  readonly run: Run;
}

/**
 * Answers native queries: prunes segments, sends jobs to the executor, merges their partials in a
 * fixed order and finishes the result.
 */
export class QueryEngine {
  readonly #totals = new QueryTotals();

  readonly #rooms: QueryRooms;

  /** Scans parts of this process for others. */
  readonly shares: ShareScanner;

  constructor(private readonly options: QueryEngineOptions) {
    this.#rooms = new QueryRooms(options);
    this.shares = new ShareScanner(options, this.#rooms);
  }

  /** What queries hold in memory now. */
  get heldBytes(): number {
    return this.#rooms.usedBytes;
  }

  get totals(): Readonly<Omit<QueryTotals, 'add'>> {
    return this.#totals;
  }

  /**
   * Throws the error families of core/errors.ts: CancelledError when `signal` is raised,
   * QueryTimeoutError after the context's `timeout`, ResourceLimitError beyond a limit.
   */
  async run(query: NativeQuery, options: RunOptions = {}): Promise<QueryResult> {
    const stats = emptyStats();
    const { clock } = this.options;
    const startMs = clock.nowMs();
    options.onStart?.(query, stats);
    try {
      const outcome = await this.#rooms.use(query.context, stats, (room) =>
        this.#runInTime(query, { stats, room }, options),
      );
      this.#totals.add(query.queryType, 'success', stats);
      if (!options.isOwn) this.options.onAnswer?.(query, stats);
      return { ...outcome, stats };
    } catch (error) {
      this.#totals.add(query.queryType, outcomeOfError(error), stats);
      throw error;
    } finally {
      stats.planMs = clock.nowMs() - startMs - stats.scanMs - stats.mergeMs;
    }
  }

  /** A snapshot for several queries that are to see the same. Release it when all have ended. */
  snapshot(dataSources: readonly string[]): TableSnapshot {
    return this.options.tables.snapshot(dataSources);
  }

  /**
   * Waits until a snapshot shows the rows that the context's `ingestToken` was given for, no longer
   * than the context's `timeout`. Done at once when there is none. Throws as `run` does.
   */
  async awaitToken(contextJson: JsonObject, signal?: AbortSignal): Promise<void> {
    if ((contextJson.ingestToken ?? null) === null) return;
    const context = parseContext(contextJson);
    await this.#inTime(context, signal, (deadline) => this.#waitFor(context, deadline));
  }

  /**
   * The compiled kernel of a query over one segment of its table, as WebAssembly text; null where the
   * interpreter scans, or where there is nothing to scan. Of nested queries, the innermost.
   */
  async explainKernel(query: NativeQuery): Promise<string | null> {
    return kernelOf(query, (names) => this.snapshot(names));
  }

  /**
   * Which star-trees a query would read, or why it would read rows; nothing is read. Of nested queries, the innermost; null
   * where no table is scanned.
   */
  explainStarTrees(query: NativeQuery, snapshot: TableSnapshot): StarTreeSummaryJson | null {
    return treesOf(query, snapshot);
  }

  #runInTime(
    query: NativeQuery,
    run: Pick<Run, 'stats' | 'room'>,
    options: RunOptions,
  ): Promise<Outcome> {
    return this.#inTime(query.context, options.signal, async (signal) => {
      if (options.snapshot !== undefined) {
        return this.#answerOuter(query, { signal, ...run, snapshot: options.snapshot }, options);
      }
      if (query.context.ingestToken !== null) await this.#waitFor(query.context, signal);
      const snapshot = this.snapshot(innerTableNames(query));
      try {
        return await this.#answerOuter(query, { signal, ...run, snapshot }, options);
      } finally {
        snapshot.release();
      }
    });
  }

  /** Runs `work` with a signal that is raised by the owner, or when the time of the query is up. */
  async #inTime<T>(
    context: QueryContext,
    owner: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = new Deadline(context.queryId, timeoutOf(context, this.options.limits), owner);
    try {
      deadline.signal.throwIfAborted();
      return await work(deadline.signal);
    } finally {
      deadline.end();
    }
  }

  async #waitFor({ ingestToken }: QueryContext, signal: AbortSignal): Promise<void> {
    if (ingestToken !== null) await this.options.tables.waitFor(ingestToken, signal);
  }

  async #answerOuter(
    query: NativeQuery,
    run: Omit<Run, 'reader' | 'mayMiss'>,
    options: RunOptions,
  ): Promise<Outcome> {
    const mayMiss = query.context.returnPartialResults;
    noteUncovered(run.stats, query, run.snapshot);
    const answer = (each: NativeQuery, snapshot: TableSnapshot) =>
      this.#answer(each, { ...run, snapshot, reader: 'client', mayMiss });
    const outcome = await (query.context.bySegment
      ? answerBySegment(query, run.snapshot, answer)
      : cachedAnswer(this.options.caches, query, { ...options, ...run }, () =>
          answer(query, run.snapshot),
        ));
    this.#logAnswer(query, run.stats);
    return outcome;
  }

  #logAnswer({ queryType, context: { queryId } }: NativeQuery, stats: QueryStats): void {
    const { logger } = this.options;
    const { missing } = stats;
    if (missing.length > 0) {
      const first = missing.slice(0, LOGGED_SEGMENTS);
      const told = { queryId, queryType, missingSegments: missing.length, first };
      logger.warn(told, 'the answer lacks segments that no node has');
    }
    logger.debug({ queryId, queryType, ...stats }, 'query answered');
  }

  async #answer(query: NativeQuery, run: Run): Promise<Outcome> {
    if (query.queryType === 'windowOperator') {
      const { dataSource } = query;
      invariant(dataSource.type === 'inline' || dataSource.type === 'query', 'others are scanned');
      const { limits, clock } = this.options;
      const rows =
        dataSource.type === 'inline'
          ? dataSource
          : await this.#inner(query, dataSource.query, run, 'rows');
      return inTurns(answerWindows(query, rows, limits), clock, run.signal);
    }
    const engine = scanEngineOf(query);
    return engine === undefined ? this.#describe(query, run) : this.#scan(engine, query, run);
  }

  /** The answer of a query whose rows another one reads. */
  async #inner(outer: NativeQuery, inner: NativeQuery, run: Run, reader: Reader): Promise<Outcome> {
    const answer = await this.#answer(inner, { ...run, reader });
    const rowCount = answer.groups?.rowCount ?? answer.rows.length;
    checkSubquery(outer, inner, rowCount, this.options.limits);
    return answer;
  }

  /** Answers from what is known of segments. */
  async #describe(query: NativeQuery, run: Run): Promise<Outcome> {
    const engine = metadataEngineOf(query);
    const names = tableNames(query.dataSource);
    if (engine === undefined || names === null) {
      throw new UnsupportedError(
        `dataSource: ${query.queryType} describes tables; name a table or a union of tables`,
      );
    }
    const note = (lost: readonly TablePart[]) => noteMissing(run.stats, query, lost);
    const parts = partsIn(run.snapshot, names, query);
    return engine.answer(query, parts, run.mayMiss ? note : null, run.signal);
  }

  async #scan(engine: ScanEngine, query: NativeQuery, run: Run): Promise<Outcome> {
    return this.#finish(await this.#scanned(engine, query, run));
  }

  async #scanned(engine: ScanEngine, query: NativeQuery, run: Run): Promise<Scanned> {
    const { query: joined, rights } = await this.#joined(query, run);
    const rows = this.#tableRows(joined, run) ?? (await this.#innerRows(joined, run));
    try {
      const late = this.#lateSketches(joined, rows);
      const asked = late === null ? joined : await this.#among(late, run);
      return await this.#scanRows(rows, engine, { query: asked, rights }, run);
    } finally {
      rows.release?.();
    }
  }

  /** The query with the right sides of its joins, which are read now. */
  async #joined(query: NativeQuery, run: Run): Promise<JoinedQuery> {
    const sides: RightSide[] = [];
    for (const { right } of joinsOf(query.dataSource)) {
      sides.push(await this.#rightSide(query, right, run));
    }
    return withRights(query, sides);
  }

  async #rightSide(query: NativeQuery, right: DataSource, run: Run): Promise<RightSide> {
    if (right.type === 'inline') return toRowBlock(right.fields, right.rows);
    if (right.type === 'lookup') return right.table;
    invariant(right.type === 'query', 'a right side is inline, a lookup or a query');
    const { fields, rows, groups } = await this.#inner(query, right.query, run, 'groups');
    return groups === undefined ? toRowBlock(fields, rows) : groupsBlock(groups);
  }

  /** Of a query that is better asked of the groups that it shows, once these are found. */
  #lateSketches(query: NativeQuery, { columns, parts }: Rows): LateSketches | null {
    return parts === undefined || isExpansion(query.dataSource)
      ? null
      : lateSketches(query, { columns, parts }, this.options.lateSketchRows);
  }

  async #among({ groups, among }: LateSketches, run: Run): Promise<NativeQuery> {
    return among(await this.#scan(scanEngineOf(groups)!, groups, { ...run, reader: 'client' }));
  }

  async #scanRows(
    rows: Rows,
    engine: ScanEngine,
    { query, rights }: JoinedQuery,
    run: Run,
  ): Promise<Scanned> {
    const { executor, clock, limits, rowsPerJob = ROWS_PER_JOB } = this.options;
    const { fewRecords = FEW_RECORDS } = this.options;
    const { stats } = run;
    const columns = expandedColumns(rows.columns, query.dataSource);
    const asked = engine.prepare(query, columns);
    const inputs = isExpansion(asked.dataSource) ? engine.inputs(asked) : [];
    const plain = asLookups(asked, rights, rows.columns, inputs);
    const prepared = plain ?? asked;
    const jobLimits = { maxGroups: limits.maxGroups, maxRows: limits.maxResultRows };
    const options: ScanOptions = {
      executor,
      types: typesOf(rows.columns),
      limits: jobLimits,
      stats,
      rowsPerJob: rowsPerJoinJob(rowsPerJob, prepared, rights),
      // Lookups are known by the query.
      rights: plain === null ? rights : [],
      room: new ScanRoom(run.room, executor, prepared, engine.groups(prepared)),
      fewRecords,
      partials: this.options.caches?.partials ?? null,
      mayMiss: run.mayMiss,
      isEnough: (done) =>
        engine.enough(
          prepared,
          done.map(({ partial }) => partial),
          limits,
        ),
    };
    const scanned = await inPhase('scan', stats, clock, async () => {
      const base = await rows.scan(engine, prepared, options, run.signal);
      return withRemainders(prepared, base, options, run.signal);
    });
    return { engine, query: prepared, columns, options, scanned, run };
  }

  async #finish(scan: Scanned): Promise<Outcome> {
    const { engine, query, columns, scanned, run } = scan;
    const { clock, limits } = this.options;
    const { reader, signal, room } = run;
    const showsState = shownStates(query.context.finalize, reader !== 'client');
    const context = { columns, showsState, takesGroups: reader === 'groups' };
    const finished = () =>
      finishScan({ ...scan, room }, limits.maxGroups, clock, signal, (results, maxGroups) => {
        return engine.finish(query, results, { limits: { ...limits, maxGroups }, ...context });
      });
    try {
      return await inPhase('merge', run.stats, clock, finished);
    } finally {
      scanned.release();
    }
  }

  #tableRows(query: NativeQuery, { snapshot }: Run): Rows | null {
    const names = tableNames(leafOf(query.dataSource));
    if (names === null) return null;
    return tableRows(columnsIn(snapshot, names), partsIn(snapshot, names, query));
  }

  /** The rows of an inline data source or a lookup, or of the inner query, which runs first. */
  async #innerRows(query: NativeQuery, run: Run): Promise<Rows> {
    const dataSource = leafOf(query.dataSource);
    if (dataSource.type === 'inline')
      return blockRows(toRowBlock(dataSource.fields, dataSource.rows));
    if (dataSource.type === 'lookup') return lookupRows(dataSource.table);
    if (dataSource.type !== 'query') return blockRows(toRowBlock([], []));
    const inner = dataSource.query;
    const engine = scanEngineOf(inner);
    // A scan shows rows as they come, which is in the order of the inner query.
    const innerRun = { ...run, reader: query.queryType === 'scan' ? 'rows' : 'groups' } as const;
    if (engine === undefined) {
      return this.#outcomeRows(query, inner, await this.#answer(inner, innerRun));
    }
    const scanned = await this.#scanned(engine, inner, innerRun);
    return (
      this.#mergedRows(query, scanned) ??
      this.#outcomeRows(query, inner, await this.#finish(scanned))
    );
  }

  /** Groups that workers merge, and scan while they have them; null where this thread has to see them. */
  #mergedRows(outer: NativeQuery, scan: Scanned): Rows | null {
    const { engine, query, options, scanned, run } = scan;
    const outerEngine = scanEngineOf(outer);
    const rows = engine.asRows(query, NO_GROUPS);
    const isJoin = joinsOf(outer.dataSource).length > 0;
    const read = outerEngine && mergedReader(outerEngine, outer, { ...scan, room: run.room });
    if (rows === null || !read || isJoin || run.reader !== 'groups') return null;
    return {
      columns: columnsOf(rows.fields),
      scan: async (_engine, prepared, _options, signal) => {
        const found = await read(prepared, options, signal);
        // Groups of groups are never all in memory.
        const { limits } = this.options;
        if (!areGroupBys(outer, query)) checkSubquery(outer, query, found.rowsMerged, limits);
        return found;
      },
      release: () => scanned.release(),
    };
  }

  #outcomeRows(outer: NativeQuery, inner: NativeQuery, outcome: Outcome): Rows {
    const { fields, rows, groups } = outcome;
    checkSubquery(outer, inner, groups?.rowCount ?? rows.length, this.options.limits);
    if (groups === undefined) return blockRows(toRowBlock(fields, rows));
    return {
      columns: columnsOf(fields),
      scan: (engine, prepared, options, signal) =>
        scanGroupRows(engine, prepared, groups, options, signal),
    };
  }
}

/** Of those that an answer lacks so many are named in the log. */
const LOGGED_SEGMENTS = 10;

/** Enough to tell how rows made of groups would look. */
const NO_GROUPS = new GroupTable(0, [], 0);
