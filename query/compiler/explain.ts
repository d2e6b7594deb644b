import type { Segment } from '../../segments/index.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { ScanTarget } from '../interpreter/target.js';
import { openScan } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { emitKernel } from './emit.js';
import { layOut } from './lay-out.js';
import { FEW_SKETCHES } from './layout.js';
import { lowerPlan } from './lowered.js';
import { unlessRefused } from './per-segment.js';
import { printFunction } from './wasm/text.js';

/** More than any scratch room: the strategy that is shown does not depend on the machine. */
const AMPLE_ROOM = 2 ** 30;

/** The kernel that scans a segment for a plan, as WebAssembly text; null where the interpreter does. */
export function explainKernel(query: BaseQuery, plan: GroupPlan, segment: Segment): string | null {
  const extent = { from: 0, to: segment.rowCount };
  const target: ScanTarget = {
    segment,
    extent,
    ranges: () => [extent],
    spans: query.intervals,
    limits: { maxGroups: 0, maxRows: 0 },
    scratchSlot: null,
    givesBlocks: 'never',
    checkCancelled: () => undefined,
  };
  const scan = openScan(target, query.virtualColumns);
  return unlessRefused(() => {
    const lowered = lowerPlan(scan, query, plan);
    const options = { roomBytes: AMPLE_ROOM, force: null, fewSketches: FEW_SKETCHES };
    const laidOut = lowered && layOut(scan, query, lowered, plan, options);
    if (lowered === null || laidOut === null) return null;
    const { runs, layout } = laidOut;
    const isMasked = runs.masks.length > 0;
    const { fn } = emitKernel({ ...lowered, layout, isMasked });
    return `;; groups: ${layout.strategy}, ${layout.stride} bytes each; ${runs.runs.length} runs of rows\n${printFunction(fn)}`;
  });
}
