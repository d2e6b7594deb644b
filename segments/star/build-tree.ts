import type { Long } from '../../core/index.js';
import {
  buildStarTree,
  type GroupedRows,
  type StarRecords,
  type StarTree,
} from '../../indexes/index.js';
import type { NewTree, TreeColumn } from '../format/segment-writer.js';
import type { TreeDefinition, TreeDimensionDefinition } from '../schema.js';
import { deriveDimensions } from './derive-dimensions.js';
import { deriveMetrics } from './derive-metrics.js';
import type { RecordRows } from './folded-rows.js';
import { recordVector } from './record-vector.js';
import type { StoredRows } from './stored-rows.js';
import { dimensionVector } from './tree-dimension.js';
import { type ShapeDimension, TreeShape } from './tree-shape.js';

/** What a tree may take. */
export interface TreeRoom {
  /** While it is built, about. */
  readonly memoryBytes: number;
  /** In the file. Null: it has all dimensions of its definition, whatever it takes. */
  readonly fileBytes: number | null;
  /** What a tree takes in the file. */
  readonly sizeOf: (tree: NewTree) => number;
}

/** The tree that a definition means for some rows; null where it would not fit, or not have fewer records than there are rows. */
export function buildTree(
  rows: StoredRows,
  definition: TreeDefinition,
  room: TreeRoom,
): NewTree | null {
  return new TreeBuilder(rows, definition, room).build();
}

class TreeBuilder {
  readonly #dimensions: readonly TreeDimensionDefinition[];
  readonly #metrics;
  /** What a record takes in the file at least, as far as is known. */
  #recordBytes: number;

  constructor(
    private readonly rows: StoredRows,
    private readonly definition: TreeDefinition,
    private readonly room: TreeRoom,
  ) {
    const { dimensions, metrics } = definition;
    this.#dimensions = dimensions ?? deriveDimensions(rows.columns);
    this.#metrics = metrics ?? deriveMetrics(rows.columns);
    this.#recordBytes = this.#dimensions.length + this.#metrics.length;
  }

  build(): NewTree | null {
    const shape = TreeShape.of(this.rows, this.#dimensions, this.#mostRecords);
    if (this.room.fileBytes !== null) return this.#fitting(shape, this.room.fileBytes);
    return shape.dimensions.length < this.#dimensions.length ? null : this.#treeOf(shape);
  }

  /** Goes without one dimension after the other until the tree fits. */
  #fitting(shape: TreeShape, fileBytes: number): NewTree | null {
    for (let next: TreeShape | null = shape; next !== null; next = next.smaller()) {
      const tree = this.#treeOf(next);
      if (tree === null) continue;
      const size = this.room.sizeOf(tree);
      if (size <= fileBytes) return tree;
      // One of fewer dimensions may have somewhat smaller ones.
      this.#recordBytes = 0.9 * (size / tree.entry.rowCount);
    }
    return null;
  }

  get #mostRecords(): number {
    const { memoryBytes, fileBytes } = this.room;
    const { rowCount } = this.rows;
    const width = this.#dimensions.length + 2 * this.#metrics.length;
    return Math.floor(
      Math.min(
        rowCount,
        (memoryBytes - ROW_BYTES * rowCount) / (COLUMN_BYTES * width),
        fileBytes === null ? Number.POSITIVE_INFINITY : fileBytes / this.#recordBytes,
      ),
    );
  }

  #treeOf({ groups, dimensions }: TreeShape): NewTree | null {
    if (dimensions.length === 0) return null;
    const order = this.#splitOrder(dimensions);
    const grouped = groups.grouped();
    const { maxLeafRecords } = this.definition;
    const tree = buildStarTree({
      codes: order.map((i) => grouped.codes[i]!),
      sizes: order.map((i) => dimensions[i]!.values.length),
      rowCount: groups.count,
      maxLeafRecords,
      skipStar: order.map((i) => dimensions[i]!.definition.skipStar),
      maxRecords: this.#mostRecords,
    });
    if (tree === null) return null;
    const ordered = order.map((i) => dimensions[i]!);
    return {
      entry: {
        dimensions: ordered.map(({ definition }) => entryOf(definition)),
        maxLeafRecords,
        rowCount: tree.records.count,
      },
      nodes: tree.nodes,
      columns: this.#columns(tree, ordered, rowsByRecord(tree.records, grouped)),
    };
  }

  /** As defined; else the dimension with the most values first, whose star children save the most. */
  #splitOrder(dimensions: readonly ShapeDimension[]): number[] {
    const order = Array.from(dimensions.keys());
    if (this.definition.dimensions !== undefined) return order;
    return order.sort((a, b) => dimensions[b]!.values.length - dimensions[a]!.values.length);
  }

  #columns(
    { records }: StarTree,
    dimensions: readonly ShapeDimension[],
    base: RecordRows,
  ): TreeColumn[] {
    const { rows } = this;
    const columns = dimensions.map((dimension, i): TreeColumn => {
      const { name, granularity } = dimension.definition;
      const role = granularity === undefined ? 'dimension' : 'time';
      return {
        name,
        role,
        aggregator: null,
        vector: dimensionVector(dimension, records.codes[i]!),
      };
    });
    const hasTime = columns.some(({ role }) => role === 'time');
    const metrics = this.#metrics.map(
      (metric): TreeColumn => ({
        name: metric.name,
        role: 'metric',
        aggregator: metric.spec,
        vector: recordVector(records, base, metric, rows),
      }),
    );
    return [...columns, ...(hasTime ? [] : [firstTime(rows, records.count)]), ...metrics];
  }
}

/** Of memory, for each row: its group, twice, and a column of numbers and where they go. */
const ROW_BYTES = 32;
/** Of memory, for each record and column. */
const COLUMN_BYTES = 16;

/** The rows of base records, each of which is one group. */
function rowsByRecord(
  { baseCount, members }: StarRecords,
  { rows, ends }: GroupedRows,
): RecordRows {
  const ordered = new Uint32Array(rows.length);
  const recordEnds = new Uint32Array(baseCount);
  let end = 0;
  for (let record = 0; record < baseCount; record++) {
    const group = members[record]!;
    const own = rows.subarray(group === 0 ? 0 : ends[group - 1]!, ends[group]);
    ordered.set(own, end);
    end += own.length;
    recordEnds[record] = end;
  }
  return { rows: ordered, ends: recordEnds };
}

/** Scans ask for the time of a row: where records have none, it is that of the first row. */
function firstTime(rows: StoredRows, rowCount: number): TreeColumn {
  const time = rows.column('__time');
  rows.row = 0;
  const base = time.get() as Long;
  const offsets = new Uint8Array(rowCount);
  return {
    name: '__time',
    role: 'time',
    aggregator: null,
    vector: { kind: 'LONG', layout: 'offsets', rowCount, base, offsets, nulls: null },
  };
}

const entryOf = ({ name, skipStar, granularity }: TreeDimensionDefinition) => ({
  name,
  skipStar,
  ...(granularity && { granularity: granularity.spec }),
});
