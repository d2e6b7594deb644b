import type { JsonObject } from '../../core/index.js';
import { rowColumn, type ValueType } from '../../model/index.js';
import { type PinnedSegment, segmentIdText } from '../../segments/index.js';
import type { PartialCache, ScanPartials } from '../cache/partial-cache.js';
import type { JobResult, PartialResult, ScanEngine } from '../engines/engine.js';
import type { Executor, JobSource, RightRows, ScanBatch, ScanJob } from '../executor/executor.js';
import { leafQuery } from '../expansion/sources.js';
import { FilterSummary } from '../filter/filter-summary.js';
import { castsOf } from '../interpreter/cast-segment.js';
import { type GroupPlan, isOrderFree } from '../interpreter/group-rows.js';
import type { JobLimits } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryStats } from '../result.js';
import type { ScanRoom } from '../spill/scan-room.js';
import { tellOfTree } from '../star/explain-tree.js';
import { plannerOf } from '../star/known-planners.js';
import type { TreePlan, TreePlanner } from '../star/plan-tree.js';
import { readTrees, type TreeAnswers, type TreeRead } from '../star/read-trees.js';
import { type PinnedTree, pinTree } from '../star/tree-records.js';
import { StarTreeSummary } from '../star/tree-summary.js';
import type { TablePart } from '../tables.js';
import { Collected, knownResult } from './collected.js';
import { countIndexed, countLoaded } from './count-job.js';
import { bundlesOf, FEW_ROWS } from './job-bundles.js';
import { wantedSketches } from './known-sketches.js';
import { type PinnedBatch, pinAll, releaseAll } from './pinned-batch.js';
import { type PlannedPart, prune } from './prune.js';
import { rowRanges } from './row-ranges.js';
import { scanHere } from './scan-here.js';
import {
  batchesOf,
  isFew,
  type PartUnit,
  type SketchedUnit,
  type TreeUnit,
  type Unit,
} from './scan-units.js';
import { visibleRows } from './visible-rows.js';
import { WantedIndexes } from './wanted-indexes.js';
import { withoutTable } from './worker-spec.js';

export interface ScanOptions {
  readonly executor: Executor;
  readonly limits: JobLimits;
  readonly stats: QueryStats;
  /** The types of the columns that segments have: what differs is read as these. */
  readonly types: ReadonlyMap<string, ValueType>;
  readonly rowsPerJob: number;
  /** See `ScanBatch`. */
  readonly rights: readonly RightRows[];
  /** Counts what results take, and has groups written to disk that are too many. */
  readonly room: ScanRoom;
  /** As many records of star-trees are folded in the thread that asks. */
  readonly fewRecords: number;
  /** What was found in segments before; null where nobody keeps it. */
  readonly partials: PartialCache | null;
  /** Others scan other parts of the table: no group can be left out for those that there are. */
  readonly isShare?: boolean;
  /** Segments that nobody has are left out and noted. */
  readonly mayMiss?: boolean;
  /** True when these first results suffice, be it to fail, and later jobs need not run. */
  readonly isEnough: (results: readonly JobResult<PartialResult>[]) => boolean;
}

export interface ScanResult extends JobResult<PartialResult> {
  /** Where a scan found it; null where nothing was read. */
  readonly source: JobSource | null;
}

/** The results of a scan in the order of the rows. */
export interface ScanResults {
  readonly results: readonly ScanResult[];
  /** The query as executors know it. */
  readonly spec: JsonObject;
  /** Call when no decoder is used any more. */
  release(): void;
}

/** As many segments may stay in memory until the query is finished, for their dictionaries' sake. */
const MAX_HELD_PARTS = 64;

/** Scans segments, after pruning, batch by batch; the next one's columns load while one runs. */
export async function scanParts(
  engine: ScanEngine,
  query: NativeQuery,
  parts: readonly TablePart[],
  options: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResults> {
  return new PartScan(engine, query, options, signal).run(parts);
}

/** What is read of rows. */
interface RowInputs {
  readonly columns: readonly string[];
  /** Without what is appended to names to tell how they are read. */
  readonly read: ReadonlySet<string>;
}

class PartScan {
  readonly #plan: GroupPlan | null;
  /** With the conditions alone that are tested of rows of the table. */
  readonly #leaf: NativeQuery;
  readonly #mergesJobs: boolean;
  readonly #collected: Collected;
  readonly #held: PinnedSegment[] = [];
  /** Made when first asked for: where trees answer, nobody asks for the first three. */
  #knownIndexes: WantedIndexes | null = null;
  #knownInputs: RowInputs | null = null;
  #knownSpec: JsonObject | null = null;
  #planner: TreePlanner | null = null;
  /** Undefined until a part is to be scanned. */
  #cache: ScanPartials | null | undefined;
  #partCount = 0;
  #rowCount = 0;

  constructor(
    private readonly engine: ScanEngine,
    private readonly query: NativeQuery,
    private readonly options: ScanOptions,
    private readonly signal: AbortSignal,
  ) {
    this.#leaf = leafQuery(query);
    this.#plan = engine.groups(query);
    this.#mergesJobs = this.#plan !== null && isOrderFree(this.#plan);
    const plan = this.#plan;
    const sourceOf = (pinned: PinnedSegment) => this.#sourceOf(pinned);
    this.#collected = new Collected({ engine, query, plan, stats: options.stats, sourceOf });
  }

  get #inputs(): RowInputs {
    if (this.#knownInputs === null) {
      const columns = ['__time', ...this.engine.inputs(this.query)];
      this.#knownInputs = { columns, read: new Set(columns.map(rowColumn)) };
    }
    return this.#knownInputs;
  }

  get #indexes(): WantedIndexes {
    this.#knownIndexes ??= new WantedIndexes(this.#leaf);
    return this.#knownIndexes;
  }

  /** The query as executors know it. */
  get #spec(): JsonObject {
    this.#knownSpec ??= withoutTable(this.query);
    return this.#knownSpec;
  }

  async run(parts: readonly TablePart[]): Promise<ScanResults> {
    const { stats } = this.options;
    const { explainFilter, explainStarTree } = this.query.context;
    if (explainFilter) stats.filter ??= new FilterSummary();
    if (explainStarTree) stats.starTrees ??= new StarTreeSummary();
    const units = this.#unitsOf(parts);
    this.#collected.holds = units.length <= MAX_HELD_PARTS;
    this.#collected.cache = this.#cache ?? null;
    for (const unit of units) {
      if (unit.kind !== 'part') continue;
      this.#partCount++;
      this.#rowCount += unit.plan.part.rowCount;
    }
    const batches = batchesOf(units, this.options, this.#plan === null);
    let ahead: Promise<PinnedBatch> | null = null;
    try {
      for (let i = 0; i < batches.length; i++) {
        const pinning = ahead ?? this.#pin(batches[i]!);
        const batch: PinnedBatch = pinning instanceof Promise ? await pinning : pinning;
        countLoaded(this.options.stats, batch);
        const next = batches[i + 1];
        ahead = next === undefined ? null : this.#pinAhead(next);
        ahead?.catch(() => undefined);
        await this.#runBatch(batch, batches.length === 1);
        if (this.options.isEnough(this.#collected.results)) break;
      }
      return this.#scanned(() => this.#release());
    } catch (error) {
      this.#release();
      throw error;
    } finally {
      // What was loaded ahead for nothing.
      if (ahead !== null) void ahead.then(releaseAll, () => undefined);
    }
  }

  #scanned(release: () => void): ScanResults {
    const spec = () => this.#spec;
    return {
      results: this.#collected.results,
      get spec() {
        return spec();
      },
      release,
    };
  }

  #unitsOf(parts: readonly TablePart[]): Unit[] {
    const { stats } = this.options;
    const planned = prune(this.#leaf, parts, this.options.types);
    stats.segmentsPruned += parts.length - planned.length;
    return planned.map((plan): Unit => {
      const partial = this.engine.withoutScan(this.query, plan.facts);
      const wanted =
        partial === null ? wantedSketches(this.engine, this.query, plan, this.options.types) : null;
      if (partial === null && wanted === null) return this.#readUnit(plan);
      stats.segmentsPruned++;
      if (wanted !== null) return { kind: 'sketched', plan, wanted };
      return { kind: 'known', result: knownResult(plan, partial!) };
    });
  }

  /** Of a part that has to be read, unless it is known what was found there before. */
  #readUnit(plan: PlannedPart): Unit {
    const { stats } = this.options;
    const tree = this.#treeOf(plan);
    if (tree !== null) {
      stats.segments++;
      return { kind: 'tree', plan, tree };
    }
    const unit: PartUnit = { kind: 'part', plan, needs: this.#indexes.of(plan.part) };
    const known = this.#isKept(unit) ? this.#partialsOf(plan) : null;
    if (known === null) {
      stats.segments++;
      return countIndexed(stats, unit);
    }
    stats.cachedSegments++;
    return { kind: 'cached', plan, results: known.map((partial) => knownResult(plan, partial)) };
  }

  /** Few rows are looked at in no more time than it takes to know what was found in them. */
  #isKept({ needs }: PartUnit): boolean {
    return needs.mostRows > (this.options.partials?.minRows ?? FEW_ROWS);
  }

  #partialsOf(plan: PlannedPart): readonly PartialResult[] | null {
    const { partials, types } = this.options;
    if (this.#cache === undefined) {
      this.#cache = partials?.scan(this.query, types, this.#inputs.read) ?? null;
    }
    return this.#cache?.find(plan) ?? null;
  }

  #treeOf(plan: PlannedPart): TreePlan | null {
    const { types, stats } = this.options;
    const { query } = this;
    const hasTrees = (plan.part.facts?.trees.length ?? 0) > 0;
    const isAsked = hasTrees && query.context.useStarTree && this.#plan !== null;
    if (isAsked) this.#planner ??= plannerOf(query, this.#plan!, types);
    const tree = isAsked ? this.#planner!.plan(plan) : null;
    if (stats.starTrees) tellOfTree(stats.starTrees, tree, query, this.#plan, plan, types);
    return tree;
  }

  async #pinAhead(units: readonly Unit[]): Promise<PinnedBatch> {
    return this.#pin(units);
  }

  /** At once where all of it is in memory. */
  #pin(units: readonly Unit[]): PinnedBatch | Promise<PinnedBatch> {
    const pinning = units.map((unit) =>
      unit.kind === 'known' || unit.kind === 'cached' ? null : this.#pinPart(unit),
    );
    if (pinning.some((pin) => pin instanceof Promise)) return pinAll(units, pinning);
    return { units, pinned: pinning as (PinnedSegment | null)[] };
  }

  #pinPart(unit: PartUnit | TreeUnit | SketchedUnit): PinnedSegment | Promise<PinnedSegment> {
    const { part } = unit.plan;
    if (unit.kind === 'tree') return pinTree(part, unit.tree);
    const wanted =
      unit.kind === 'sketched'
        ? unit.wanted
        : { columns: this.#inputs.columns, indexes: unit.needs.indexes };
    return part.pinLoaded?.(wanted) ?? part.pin(wanted);
  }

  /** Null where there is none. */
  #readTrees({ units, pinned }: PinnedBatch): TreeAnswers | Promise<TreeAnswers> | null {
    const reads: TreeRead[] = [];
    for (let i = 0; i < units.length; i++) {
      const unit = units[i]!;
      if (unit.kind !== 'tree') continue;
      reads.push({ plan: unit.plan, tree: unit.tree, pinned: pinned[i] as PinnedTree });
    }
    if (reads.length === 0) return null;
    const { query, options } = this;
    const context = { query, groups: this.#plan!, spec: () => this.#spec, options };
    return readTrees(reads, context, this.signal);
  }

  async #runBatch(batch: PinnedBatch, isOnly: boolean): Promise<void> {
    const jobs: ScanJob[] = [];
    const unitOf: number[] = [];
    const cuts = new Set<number>();
    let isKept = false;
    try {
      const reading = this.#readTrees(batch);
      const trees = reading instanceof Promise ? await reading : reading;
      for (const [i, unit] of batch.units.entries()) {
        const pinned = batch.pinned[i];
        if (unit.kind === 'cached') cuts.add(jobs.length);
        if (unit.kind !== 'part' || !pinned) continue;
        for (const job of this.#jobsOf(unit, pinned)) {
          jobs.push(job);
          unitOf.push(i);
        }
      }
      const partials = jobs.length === 0 ? [] : await this.#runJobs(jobs, cuts, batch, isOnly);
      this.#report(batch, partials, unitOf);
      const isNeeded = this.#collected.add(batch, { partials, unitOf, trees });
      isKept = isNeeded && this.#collected.holds;
    } finally {
      if (isKept) this.#held.push(...batch.pinned.filter((pin) => pin !== null));
      else releaseAll(batch);
    }
  }

  async #runJobs(
    jobs: readonly ScanJob[],
    cuts: ReadonlySet<number>,
    { units }: PinnedBatch,
    isOnly: boolean,
  ): Promise<(PartialResult | null)[]> {
    const { room, limits, stats } = this.options;
    const visible = jobs.reduce((sum, { from, to }) => sum + to - from, 0);
    const rowCount = isOnly ? visible : this.#rowCount;
    const scan: ScanBatch = {
      kind: 'scan',
      query: this.#spec,
      jobs,
      rights: this.options.rights,
      bundles: bundlesOf(
        jobs.map(({ rowsExpected }) => rowsExpected),
        cuts,
      ),
      mergesJobs: this.#mergesJobs,
      givesBlocks: this.#givesBlocks(rowCount),
      limits,
      priority: this.query.context.priority,
    };
    const areFew = units.every((unit) => unit.kind !== 'part' || isFew(unit));
    const here = areFew ? scanHere(this.query, this.#leaf, scan, this.signal) : null;
    const partials = here ?? (await room.run(scan, this.signal));
    stats.jobs += partials.length;
    return partials;
  }

  #report(
    { units }: PinnedBatch,
    partials: readonly (PartialResult | null)[],
    unitOf: readonly number[],
  ): void {
    const { stats } = this.options;
    for (const partial of partials) {
      for (const report of partial?.filterReports ?? []) {
        const unit = units[unitOf[report.job]!]!;
        if (unit.kind !== 'part') continue;
        stats.filter?.add(unit, segmentIdText(unit.plan.part.id), report);
      }
    }
  }

  /** What is one job, or little more, one worker groups by itself. */
  #givesBlocks(rowCount: number): ScanBatch['givesBlocks'] {
    if (!this.#collected.holds || rowCount <= this.options.rowsPerJob) return 'never';
    // Blocks are merged after all else, and sums of doubles are to be the same as if nothing had been known.
    if (!this.#mergesJobs && this.#cache?.hasFound) return 'never';
    return this.#partCount === 1 ? 'always' : 'without codes';
  }

  #sourceOf({ handle }: PinnedSegment): JobSource {
    return {
      kind: 'segment',
      handle,
      casts: castsOf(handle, this.options.types, this.#inputs.read),
    };
  }

  #jobsOf(unit: PartUnit, pinned: PinnedSegment): ScanJob[] {
    const { part, spans, facts } = unit.plan;
    const source = this.#sourceOf(pinned);
    const isWhole = facts.interval >= 0;
    const rows = isWhole ? { from: 0, to: part.rowCount } : visibleRows(pinned.handle, spans);
    // What is found in many rows of a segment is its own, so that it can be kept.
    const least = this.#isKept(unit) ? FEW_ROWS + 1 : 0;
    const expected = (count: number) => Math.max(least, count);
    if (isFew(unit))
      return [{ ...rows, source, spans, rowsExpected: expected(unit.needs.mostRows) }];
    return rowRanges(rows, this.options.rowsPerJob).map((range) => ({
      ...range,
      source,
      spans,
      rowsExpected: expected(range.to - range.from),
    }));
  }

  #release(): void {
    for (const pin of this.#held.splice(0)) pin.release();
    this.options.room.release();
  }
}
