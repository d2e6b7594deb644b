import type { Segment } from '../../segments/index.js';
import { rulesOf } from '../filter/filter-rules.js';
import { indexedSelector, isWorthAKernel } from '../filter/indexed-rows.js';
import { filterChoice } from '../filter/known-choice.js';
import { lowerChoice } from '../filter/lower-choice.js';
import type { ScanTarget } from '../interpreter/target.js';
import { interpretedSelector, type OpenScan, type RowSelector } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { Columns } from './columns.js';
import { emitSelect } from './emit-select.js';
import type { KernelBuilder } from './kernel-builder.js';
import { KernelCache } from './kernel-cache.js';
import { runsOf } from './lay-out.js';
import { Parameters } from './parameters.js';
import { PerSegment, unlessRefused } from './per-segment.js';
import { MaskWindows, type PlannedRows } from './planned-rows.js';
import { RowMasks } from './row-masks.js';
import { type RowRun, type RowRuns, runsWithin } from './row-runs.js';
import { Scratch, unlessFull } from './scratch.js';
import { NEVER, type Test } from './tests.js';
import { passingZones } from './zones.js';

/** As many rows at a time at most: a query that was cancelled ends between two pieces. */
const MAX_ROWS = 65_536;
/** With room for fewer, calls would take longer than rows. */
const MIN_ROWS = 1024;

const cache = new KernelCache();

interface Selection {
  readonly columns: Columns;
  readonly filter: Test;
  readonly rows: PlannedRows;
  readonly isMasked: boolean;
  readonly kernel: KernelBuilder;
}

const selections = new PerSegment<Selection>(({ columns }, segment) => columns.holdsFor(segment));

/** Finds the rows that pass the query's filter: by a kernel where there can be one and it is worth it. */
export const rowSelector = (scan: OpenScan, query: BaseQuery): RowSelector =>
  indexedSelector(scan, query) ??
  (isWorthAKernel(scan.target.segment, query) ? compiledSelector(scan, query) : null) ??
  interpretedSelector(scan, query.filter);

/**
 * Null when the filter, the segment or the room there is does not allow a kernel. The room is used until the
 * next scan of this thread begins.
 */
export function compiledSelector(scan: OpenScan, query: BaseQuery): RowSelector | null {
  const { target } = scan;
  const { segment, scratchSlot } = target;
  const { scanMemory } = segment;
  if (query.filter === null || scanMemory === null || scratchSlot === null) return null;
  const selection = selections.get(query, segment, () => selectionOf(target, query));
  if (selection === null) return null;
  if (selection.filter === NEVER) return SELECTS_NONE;
  const scratch = Scratch.of(scanMemory, scratchSlot);
  const runs = scratch === null ? null : runsFor(scan, query, selection.columns);
  return runs === null ? null : unlessFull(() => selectorOf(segment, selection, runs, scratch!));
}

function selectionOf(target: ScanTarget, query: BaseQuery): Selection | null {
  const { segment, scratchSlot } = target;
  const columns = new Columns(segment, query.virtualColumns, scratchSlot, rulesOf(query.context));
  const chosen = lowerChoice(columns, filterChoice(target, query));
  if (chosen === null) return null;
  const { test: filter, only } = chosen;
  const isMasked = !segment.sortedByTime && columns.runs.grains.length > 0;
  const rows = { masks: columns.masks, only };
  return { columns, filter, rows, isMasked, kernel: emitSelect(filter, isMasked) };
}

const SELECTS_NONE: RowSelector = {
  isCompiled: true,
  maxRows: MAX_ROWS,
  select: () => new Uint32Array(),
};

/** Where nothing depends on them, all rows are one run. Null where they are too short. */
function runsFor(scan: OpenScan, query: BaseQuery, { runs }: Columns): RowRuns | null {
  const { grains } = runs;
  if (grains.length === 0) {
    const all: RowRun = { ...scan.target.extent, call: 0, words: [], mask: null, seen: null };
    return { runs: [all], calls: [], masks: new Uint8Array(0) };
  }
  const words = runs.readers(scan.source);
  return unlessRefused(() => runsOf(scan, query, { grains, bucketOf: () => 0, values: [], words }));
}

function selectorOf(
  segment: Segment,
  { filter, rows: planned, isMasked, kernel: builder }: Selection,
  { runs, masks: bits }: RowRuns,
  scratch: Scratch,
): RowSelector | null {
  const kernel = cache.kernel(builder, scratch.memory);
  const parameters = new Parameters(scratch, builder);
  const masks = isMasked ? new RowMasks(scratch, bits) : null;
  const windows = new MaskWindows(planned, scratch, parameters);
  const maxRows = Math.min(MAX_ROWS, Math.floor(scratch.freeBytes / 4));
  if (maxRows < MIN_ROWS) return null;
  const rows = scratch.take(4 * maxRows);
  return {
    isCompiled: true,
    maxRows,
    select(from, to) {
      let count = 0;
      for (const run of runsWithin(runs, from, to)) {
        parameters.setRunWords(run.words);
        masks?.set(parameters, run);
        for (const zone of passingZones(segment, filter, run)) {
          for (const part of windows.parts(zone)) {
            parameters.set('states', rows + 4 * count);
            kernel(parameters.address, part.from, part.to);
            count += parameters.get('count');
          }
        }
      }
      const found = new Uint32Array(scratch.memory.buffer, rows, count);
      // Runs with masks share rows, each of which is in one of them.
      return isMasked ? found.sort() : found;
    },
  };
}
