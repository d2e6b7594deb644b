import type { Value } from '../../model/index.js';
import { ColumnarSegment } from '../columnar-segment.js';
import type { Segment } from '../types.js';
import type { MutableSegmentHandle } from './handle.js';

/** Cells by id that this thread already has as values, by column; a reader adds those it decodes. */
export type KnownCells = ReadonlyMap<string, (Value | undefined)[] | null>;

/** What a thread keeps of a layout whose handles come one after another. */
interface Lineage {
  /** Every message brings an object of its own for the same memory; kernels are made for one. */
  readonly memory: WebAssembly.Memory;
  readonly cells: Map<string, (Value | undefined)[]>;
}

/** A thread remembers as many layouts. */
const MAX_LINEAGES = 64;

const lineages = new Map<string, Lineage>();

/** Makes the rows of a mutable segment that a handle covers readable, in any thread. */
export function attachMutable(handle: MutableSegmentHandle, known?: KnownCells): Segment {
  const lineage = lineageOf(handle);
  return new ColumnarSegment({
    ...handle,
    memory: lineage.memory,
    lineage,
    baseOf: () => handle.base,
    knownCells: (name) => known?.get(name) ?? cellsOf(lineage, name),
  });
}

/** The one that was used last is the last. */
function lineageOf({ segment, layout, memory }: MutableSegmentHandle): Lineage {
  const name = `${segment} ${layout}`;
  const lineage = lineages.get(name) ?? { memory, cells: new Map() };
  lineages.delete(name);
  lineages.set(name, lineage);
  const [oldest] = lineages.keys();
  if (lineages.size > MAX_LINEAGES) lineages.delete(oldest!);
  return lineage;
}

function cellsOf({ cells }: Lineage, column: string): (Value | undefined)[] {
  const known = cells.get(column) ?? [];
  cells.set(column, known);
  return known;
}
