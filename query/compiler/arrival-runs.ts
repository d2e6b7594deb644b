import type { Interval } from '../../model/index.js';
import type { RowRange } from '../interpreter/target.js';
import type { OpenScan } from '../interpreter/walk.js';
import { TIME_ZONE_ROWS, type ZoneTimes, zoneTimesOf } from '../interpreter/zone-times.js';
import type { BaseQuery } from '../native/query.js';
import {
  CallList,
  MIN_ROWS_PER_RUN,
  type RowRun,
  type RowRuns,
  type RunOptions,
  runsWithin,
  type SeenRows,
} from './row-runs.js';
import { type TimeStretch, TimeStretches } from './time-stretches.js';

/** Of the bits of a zone's rows. */
const MASK_BYTES = TIME_ZONE_ROWS / 8;

export interface ArrivalOptions extends Omit<RunOptions, 'ranges'> {
  readonly extent: RowRange;
  readonly spans: readonly Interval[];
}

/** Rows of a zone in which the same holds. */
interface Sorting {
  readonly bits: Uint8Array;
  readonly seen: { span: number; minMs: number; maxMs: number; count: number };
}

/**
 * The runs of rows that lie in any order: zone by zone, and, where a zone holds rows of which different things
 * hold, a run over the zone for each, with a bit mask of its rows. Rows that arrive about in the order of their times
 * have few such zones. Null when runs have too few rows.
 */
export function arrivalRuns(
  scan: OpenScan,
  query: BaseQuery,
  options: ArrivalOptions,
): RowRuns | null {
  const { segment, extent } = scan.target;
  if (segment.lineage === null || extent.from > 0) return new ArrivalSorter(scan, options).runs();
  const known = sorters.get(query) ?? new WeakMap<object, ArrivalSorter>();
  sorters.set(query, known);
  const last = known.get(segment.lineage) ?? null;
  const sorter = last?.continuesFor(scan, options) ? last : new ArrivalSorter(scan, options);
  known.set(segment.lineage, sorter);
  return sorter.runs();
}

/** Of segments that grow: what was found of their first rows holds for later snapshots. By query, then lineage. */
const sorters = new WeakMap<BaseQuery, WeakMap<object, ArrivalSorter>>();

class ArrivalSorter {
  readonly #stretches: TimeStretches;
  readonly #calls = new CallList();
  /** By class. */
  readonly #classes: Pick<RowRun, 'call' | 'words'>[] = [];
  readonly #classOf = new Map<string, number>();
  readonly #runs: RowRun[] = [];
  readonly #masks: Uint8Array[] = [];
  readonly #spans: readonly Interval[];
  #zones: ZoneTimes;
  /** Runs, and masks, of the rows before this one are done. */
  #doneRows: number;
  #doneRuns = 0;
  #doneMasks = 0;

  constructor(
    private scan: OpenScan,
    private options: ArrivalOptions,
  ) {
    this.#zones = zoneTimesOf(scan.target.segment);
    this.#doneRows = options.extent.from;
    this.#spans = openSpans(scan, options);
    this.#stretches = new TimeStretches(options.grains, this.#spans, (row, timeMs, span) =>
      this.#classAt(row, timeMs, span),
    );
  }

  /** Takes a later snapshot in place of the one it has, where what was found holds for that. */
  continuesFor(scan: OpenScan, options: ArrivalOptions): boolean {
    const spans = openSpans(scan, options);
    const isAlike = spans.every(
      ({ startMs, endMs }, i) =>
        startMs === this.#spans[i]?.startMs && endMs === this.#spans[i]?.endMs,
    );
    if (!isAlike || spans.length !== this.#spans.length) return false;
    if (!isSameUse(options, this.options) || options.extent.to < this.#doneRows) return false;
    this.scan = scan;
    this.options = options;
    this.#zones = zoneTimesOf(scan.target.segment);
    return true;
  }

  runs(): RowRuns | null {
    const { from, to } = this.options.extent;
    const maxRuns = 64 + (to - from) / MIN_ROWS_PER_RUN;
    this.#runs.length = this.#doneRuns;
    this.#masks.length = this.#doneMasks;
    for (let row = this.#doneRows; row < to; ) {
      const zone = Math.floor(row / TIME_ZONE_ROWS);
      const end = Math.min(to, (zone + 1) * TIME_ZONE_ROWS);
      if (!this.#addZone(zone, { from: row, to: end }) || this.#runs.length > maxRuns) return null;
      if (end % TIME_ZONE_ROWS === 0) {
        this.#doneRows = end;
        this.#doneRuns = this.#runs.length;
        this.#doneMasks = this.#masks.length;
      }
      row = end;
    }
    const calls = this.#calls.calls.slice();
    return { runs: this.#runs.slice(), calls, masks: this.#allMasks() };
  }

  /** False where it cannot be told apart. */
  #addZone(zone: number, range: RowRange): boolean {
    const first = this.#stretches.stretchOf(range.from, this.#zones.timeAt(range.from));
    if (first === null) return false;
    const minMs = this.#zones.leastMs(zone);
    const maxMs = this.#zones.mostMs(zone);
    if (!isWhole(range, this.scan) || minMs < first.startMs || maxMs >= first.endMs) {
      return this.#sortZone(range);
    }
    const count = range.to - range.from;
    this.#add(range, first.class, null, { span: first.span, minMs, maxMs, count });
    return true;
  }

  #sortZone(range: RowRange): boolean {
    const sortings = new Map<number, Sorting>();
    const zoneFrom = range.from - (range.from % TIME_ZONE_ROWS);
    let last: TimeStretch | null = null;
    let sorting: Sorting | null = null;
    for (let row = range.from; row < range.to; row++) {
      const timeMs = this.#zones.timeAt(row);
      const stretch = this.#stretches.stretchOf(row, timeMs);
      if (stretch === null) return false;
      if (stretch !== last) {
        last = stretch;
        sorting = stretch.class < 0 ? null : sortingOf(sortings, stretch);
      }
      if (sorting === null) continue;
      const at = row - zoneFrom;
      sorting.bits[at >>> 3]! |= 1 << (at & 7);
      const { seen } = sorting;
      if (timeMs < seen.minMs) seen.minMs = timeMs;
      if (timeMs > seen.maxMs) seen.maxMs = timeMs;
      seen.count++;
    }
    for (const [each, { bits, seen }] of sortings) this.#add(range, each, bits, seen);
    return true;
  }

  #add({ from, to }: RowRange, ofClass: number, bits: Uint8Array | null, seen: SeenRows): void {
    if (ofClass < 0) return;
    const isAll = bits === null || seen.count === to - from;
    const mask = isAll ? null : (this.#masks.push(bits) - 1) * MASK_BYTES;
    this.#runs.push({ from, to, ...this.#classes[ofClass]!, mask, seen });
  }

  #classAt(row: number, timeMs: number, span: number): number {
    const { bucketOf, values, words } = this.options;
    this.scan.cursor.row = row;
    const bucketMs = bucketOf(timeMs);
    const call = this.#calls.add({ bucketMs, values: values.map((read) => read()) });
    const found = words.map((read) => read());
    const text = `${span} ${call} ${found.join()}`;
    const known = this.#classOf.get(text);
    if (known !== undefined) return known;
    this.#classOf.set(text, this.#classes.length);
    return this.#classes.push({ call, words: found }) - 1;
  }

  #allMasks(): Uint8Array {
    const all = new Uint8Array(this.#masks.length * MASK_BYTES);
    for (const [i, mask] of this.#masks.entries()) all.set(mask, i * MASK_BYTES);
    return all;
  }
}

/** A query's filter may be compiled alone, or with the rest of it. */
const isSameUse = (a: ArrivalOptions, b: ArrivalOptions): boolean =>
  a.grains.length === b.grains.length &&
  a.values.length === b.values.length &&
  a.words.length === b.words.length;

/** Bounds that no row reaches are infinite: those of a part that grows would be others for every snapshot. */
function openSpans({ target }: OpenScan, { spans }: ArrivalOptions): Interval[] {
  const { minTimeMs, maxTimeMs } = target.segment;
  return spans.map(({ startMs, endMs }) => ({
    startMs: startMs <= (minTimeMs ?? startMs) ? Number.NEGATIVE_INFINITY : startMs,
    endMs: endMs > (maxTimeMs ?? endMs) ? Number.POSITIVE_INFINITY : endMs,
  }));
}

function isWhole({ from, to }: RowRange, { target }: OpenScan): boolean {
  const isEnd = to % TIME_ZONE_ROWS === 0 || to === target.segment.rowCount;
  return from % TIME_ZONE_ROWS === 0 && isEnd;
}

function sortingOf(sortings: Map<number, Sorting>, stretch: TimeStretch): Sorting {
  const known = sortings.get(stretch.class);
  if (known !== undefined) return known;
  const { span } = stretch;
  const seen = {
    span,
    minMs: Number.POSITIVE_INFINITY,
    maxMs: Number.NEGATIVE_INFINITY,
    count: 0,
  };
  const sorting = { bits: new Uint8Array(MASK_BYTES), seen };
  sortings.set(stretch.class, sorting);
  return sorting;
}

/** The runs that lie in a range, cut to it, each with what is seen of it there. */
export function* seenRuns(
  scan: OpenScan,
  { runs, masks }: RowRuns,
  { from, to }: RowRange,
): Generator<RowRun> {
  for (const run of runsWithin(runs, from, to)) {
    const isCut = run.from === from || run.to === to;
    yield isCut ? { ...run, seen: seenWithin(run, masks, scan) } : run;
  }
}

/** Of the rows of a run that lie in a part of it. */
function seenWithin(run: RowRun, masks: Uint8Array, scan: OpenScan): SeenRows {
  const { span } = run.seen!;
  const { timeAt } = zoneTimesOf(scan.target.segment);
  const zoneFrom = run.from - (run.from % TIME_ZONE_ROWS);
  let [minMs, maxMs, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let row = run.from; row < run.to; row++) {
    const at = row - zoneFrom;
    if (run.mask !== null && ((masks[run.mask + (at >>> 3)]! >>> (at & 7)) & 1) === 0) continue;
    const timeMs = timeAt(row);
    if (timeMs < minMs) minMs = timeMs;
    if (timeMs > maxMs) maxMs = timeMs;
    count++;
  }
  return { span, minMs, maxMs, count };
}
