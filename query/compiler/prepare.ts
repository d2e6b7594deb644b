import type { GroupPlan } from '../interpreter/group-rows.js';
import type { OpenScan } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { CodeCache } from './code-cache.js';
import { emitKernel } from './emit.js';
import type { KernelBuilder } from './kernel-builder.js';
import { type LaidOut, layOut } from './lay-out.js';
import type { Strategy } from './layout.js';
import type { Lowered } from './lowered.js';
import { unlessRefused } from './per-segment.js';

/** How the rows of a job are scanned: all that is worked out before the first of them is looked at. */
export interface Prepared extends LaidOut {
  readonly kernel: KernelBuilder;
}

/** Of a plan that was taken apart and its kernel, as measured of small ones. */
const PLAN_BYTES = 40_000;

/** Of all of them, in each worker: a query over thousands of segments is asked again. */
const MAX_BYTES = 256 * 2 ** 20;

/** Of a run of rows and the key of its call. */
const RUN_BYTES = 200;

/** What was worked out of a plan that was taken apart. */
interface PreparedFor {
  readonly lowered: Lowered;
  readonly made: Prepared | null;
}

/** Workers take ranges of equal bounds, and dashboards ask again. */
const cache = new CodeCache<PreparedFor>(
  ({ made: prepared }) =>
    prepared === null
      ? PLAN_BYTES
      : PLAN_BYTES +
        RUN_BYTES * prepared.runs.runs.length +
        prepared.runs.masks.length +
        tableBytes(prepared.kernel),
  MAX_BYTES,
);

const tableBytes = ({ parameters }: KernelBuilder): number =>
  parameters.reduce(
    (sum, { value }) => sum + (typeof value === 'object' ? value.table.length : 0),
    0,
  );

/** Queries by number, so that they can stand in keys. */
const numbers = new WeakMap<BaseQuery, number>();
let queries = 0;

/** Kernels of a plan by the layouts that there are for it. */
const kernels = new WeakMap<Lowered, Map<string, KernelBuilder>>();

export interface PrepareOptions {
  /** What a dense table may take. */
  readonly roomBytes: number;
  readonly force: Strategy | null;
  /** As many groups, or fewer, have sketches that grow at once. */
  readonly fewSketches: number;
}

/** Null where runs of rows would be too short to be worth a call each, or some value of a dictionary is refused. */
export function prepare(
  scan: OpenScan,
  query: BaseQuery,
  plan: GroupPlan,
  lowered: Lowered,
  options: PrepareOptions,
): Prepared | null {
  const { roomBytes, force, fewSketches } = options;
  const { segment, extent, spans } = scan.target;
  const number = numbers.get(query) ?? queries++;
  numbers.set(query, number);
  const times = spans.map(({ startMs, endMs }) => `${startMs}/${endMs}`);
  const name = `${number} ${segment.rowCount} ${extent.from} ${extent.to} ${roomBytes} ${force} ${fewSketches} ${times.join()}`;
  const make = (): Prepared | null => {
    const laidOut = layOut(scan, query, lowered, plan, options);
    return laidOut === null ? null : { ...laidOut, kernel: kernelOf(lowered, laidOut) };
  };
  // Tables of codes are computed when code that reads them is written.
  const prepared = cache.get(
    segment,
    name,
    () => {
      const made = unlessRefused(make);
      return { lowered, made };
    },
    (known) => known.lowered === lowered,
  );
  return prepared.made;
}

function kernelOf(lowered: Lowered, { layout, runs }: LaidOut): KernelBuilder {
  const isMasked = runs.masks.length > 0;
  const known = kernels.get(lowered) ?? new Map<string, KernelBuilder>();
  kernels.set(lowered, known);
  // A kernel does not depend on how large its table is in the beginning.
  const key = JSON.stringify({ ...layout, expectedSlots: 0, isMasked });
  const kernel = known.get(key) ?? emitKernel({ ...lowered, layout, isMasked });
  known.set(key, kernel);
  return kernel;
}
