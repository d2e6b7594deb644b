import { segmentIdText, type TreeEntry } from '../../segments/index.js';
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

interface Use {
  readonly number: number;
  readonly entry: TreeEntry;
  readonly expected: number;
  read: number | null;
}

/** Adds up what becomes of segments. */
export class StarTreeSummary {
  readonly #uses = new Map<PlannedPart, Use>();
  readonly #reasons = new Map<PlannedPart, readonly string[]>();
  readonly #parts: PlannedPart[] = [];

  /** A tree of the part is to be read, about so many records of it. */
  use(planned: PlannedPart, number: number, expected: number): void {
    const entry = planned.part.facts!.trees[number]!;
    this.#parts.push(planned);
    this.#uses.set(planned, { number, entry, expected, read: null });
  }

  /** Its rows are to be read. */
  refuse(planned: PlannedPart, reasons: readonly string[]): void {
    this.#parts.push(planned);
    this.#reasons.set(planned, reasons);
  }

  /** So many records of the part's tree were looked at. */
  read(planned: PlannedPart, records: number): void {
    const use = this.#uses.get(planned);
    if (use !== undefined) use.read = (use.read ?? 0) + records;
  }

  json(pruned: number): StarTreeSummaryJson {
    const tree = this.#uses.size;
    return {
      segments: { pruned, tree, rows: this.#reasons.size },
      trees: this.#trees(),
      reasons: this.#refusals(),
      bySegment: this.#parts.map((planned) => this.#segmentJson(planned)),
    };
  }

  #trees(): TreeUseJson[] {
    const found = new Map<string, TreeUseJson>();
    for (const [{ part }, { number: tree, entry, expected, read }] of this.#uses) {
      const dimensions = entry.dimensions.map(({ name }) => name);
      const key = JSON.stringify([tree, dimensions]);
      const known = found.get(key);
      found.set(key, {
        tree,
        dimensions,
        segments: (known?.segments ?? 0) + 1,
        rows: (known?.rows ?? 0) + part.rowCount,
        recordsExpected: (known?.recordsExpected ?? 0) + expected,
        recordsRead:
          read === null ? (known?.recordsRead ?? null) : (known?.recordsRead ?? 0) + read,
      });
    }
    return [...found.values()];
  }

  #refusals(): StarTreeSummaryJson['reasons'] {
    const counts = new Map<string, number>();
    for (const reason of [...this.#reasons.values()].flat()) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return [...counts].map(([reason, segments]) => ({ reason, segments }));
  }

  #segmentJson(planned: PlannedPart): SegmentUseJson {
    const { id, rowCount: rows } = planned.part;
    const shared = { segment: segmentIdText(id), rows };
    const use = this.#uses.get(planned);
    if (use === undefined) return { ...shared, tree: null, reasons: this.#reasons.get(planned)! };
    const { number, expected, read } = use;
    return { ...shared, tree: number, recordsExpected: expected, recordsRead: read };
  }
}
