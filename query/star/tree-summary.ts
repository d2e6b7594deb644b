import { segmentIdText } from '../../segments/index.js';
import type { PlannedPart } from '../plan/prune.js';

/** Which star-trees answered a query instead of rows, as JSON. */
export interface StarTreeSummaryJson {
  /** Segments by what was read of them; `pruned` are those of which nothing was. */
  readonly segments: { readonly pruned: number; readonly tree: number; readonly rows: number };
  /** Trees that were read, those alike of several segments together. */
  readonly trees: readonly TreeUseJson[];
  /** Why rows were read, and of how many segments. */
  readonly reasons: readonly { readonly reason: string; readonly segments: number }[];
  /** One by one those that were not pruned, in their order. */
  readonly bySegment: readonly SegmentUseJson[];
}

interface TreeUseJson {
  /** Its number in the file. */
  readonly tree: number;
  /** In split order. */
  readonly dimensions: readonly string[];
  readonly segments: number;
  readonly rows: number;
  /** Of all these segments; those that were read are null where the query did not run. */
  readonly recordsExpected: number;
  readonly recordsRead: number | null;
}

interface SegmentUseJson {
  readonly segment: string;
  readonly rows: number;
  /** Null where rows are read. */
  readonly tree: number | null;
  readonly recordsExpected?: number;
  readonly recordsRead?: number | null;
  readonly reasons?: readonly string[];
}

/** What becomes of one segment, as it goes to another process. */
export interface ToldTree {
  readonly segment: string;
  readonly rows: number;
  /** The tree that is read; null: rows are. */
  readonly use: Use | null;
  readonly reasons: readonly string[];
}

interface Use {
  readonly number: number;
  /** In split order. */
  readonly dimensions: readonly string[];
  readonly expected: number;
  readonly read: number | null;
}

/** Adds up what becomes of segments. */
export class StarTreeSummary {
  /** By what stands for a segment. */
  readonly #segments = new Map<object, ToldTree>();

  /** A tree of the part is to be read, about so many records of it. */
  use(planned: PlannedPart, number: number, expected: number): void {
    const entry = planned.part.facts!.trees[number]!;
    const dimensions = entry.dimensions.map(({ name }) => name);
    this.#add(planned, { use: { number, dimensions, expected, read: null }, reasons: [] });
  }

  /** Its rows are to be read. */
  refuse(planned: PlannedPart, reasons: readonly string[]): void {
    this.#add(planned, { use: null, reasons });
  }

  /** So many records of the part's tree were looked at. */
  read(planned: PlannedPart, records: number): void {
    const known = this.#segments.get(planned);
    if (!known?.use) return;
    const use = { ...known.use, read: (known.use.read ?? 0) + records };
    this.#segments.set(planned, { ...known, use });
  }

  /** Adds what another process told. */
  add(told: ToldTree): void {
    this.#segments.set(told, told);
  }

  /** All that was added. */
  told(): ToldTree[] {
    return [...this.#segments.values()];
  }

  json(pruned: number): StarTreeSummaryJson {
    const all = this.told();
    const tree = all.filter(({ use }) => use !== null).length;
    return {
      segments: { pruned, tree, rows: all.length - tree },
      trees: treesOf(all),
      reasons: refusalsOf(all),
      bySegment: all.map(segmentJson),
    };
  }

  #add(planned: PlannedPart, told: Pick<ToldTree, 'use' | 'reasons'>): void {
    const { id, rowCount: rows } = planned.part;
    this.#segments.set(planned, { segment: segmentIdText(id), rows, ...told });
  }
}

function treesOf(all: readonly ToldTree[]): TreeUseJson[] {
  const found = new Map<string, TreeUseJson>();
  for (const { use, rows } of all) {
    if (use === null) continue;
    const { number: tree, dimensions, expected, read } = use;
    const key = JSON.stringify([tree, dimensions]);
    const known = found.get(key);
    found.set(key, {
      tree,
      dimensions,
      segments: (known?.segments ?? 0) + 1,
      rows: (known?.rows ?? 0) + rows,
      recordsExpected: (known?.recordsExpected ?? 0) + expected,
      recordsRead: read === null ? (known?.recordsRead ?? null) : (known?.recordsRead ?? 0) + read,
    });
  }
  return [...found.values()];
}

function refusalsOf(all: readonly ToldTree[]): StarTreeSummaryJson['reasons'] {
  const counts = new Map<string, number>();
  for (const reason of all.flatMap(({ reasons }) => reasons)) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, segments]) => ({ reason, segments }));
}

function segmentJson({ segment, rows, use, reasons }: ToldTree): SegmentUseJson {
  if (use === null) return { segment, rows, tree: null, reasons };
  const { number, expected, read } = use;
  return { segment, rows, tree: number, recordsExpected: expected, recordsRead: read };
}
