import type { Long } from '../../core/index.js';
import { buildStarTree, type StarRecords, type StarTree } from '../../indexes/index.js';
import type { Aggregator } from '../../model/index.js';
import type { NewTree, TreeColumn } from '../format/segment-writer.js';
import type { TreeDefinition, TreeDimensionDefinition } from '../schema.js';
import { type DerivedDimension, deriveDimensions } from './derive-dimensions.js';
import { deriveMetrics } from './derive-metrics.js';
import type { RecordOfRows } from './fold-by-record.js';
import { DimensionPlan } from './plan-dimensions.js';
import { RecordVectors } from './record-vector.js';
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

/** The trees that a definition means for some rows: those that fit, and have fewer records than there are rows. */
export function buildTrees(
  rows: StoredRows,
  definition: TreeDefinition,
  room: TreeRoom,
): NewTree[] {
  const { dimensions, metrics = deriveMetrics(rows.columns) } = definition;
  const builder = new TreeBuilder(
    rows,
    { ...definition, metrics },
    room,
    definition.metrics === undefined,
  );
  if (dimensions === undefined) {
    // Columns of a tree share one space of names, and those of metrics that are given may be of columns that came with the rows.
    const taken = new Set(metrics.map(({ name }) => name));
    return builder.derived(
      deriveDimensions(rows.columns).filter(({ definition }) => !taken.has(definition.name)),
    );
  }
  const tree = builder.defined(dimensions);
  return tree === null ? [] : [tree];
}

class TreeBuilder {
  /** What trees may take in the file together; none where it does not matter. */
  #fileBytes: number;
  /** What a record takes in the file at least, as far as is known. */
  #recordBytes: number;

  constructor(
    private readonly rows: StoredRows,
    private readonly definition: TreeDefinition & Required<Pick<TreeDefinition, 'metrics'>>,
    private readonly room: TreeRoom,
    private readonly derivesMetrics: boolean,
  ) {
    this.#fileBytes = room.fileBytes ?? Number.POSITIVE_INFINITY;
    this.#recordBytes = METRIC_BYTES * definition.metrics.length;
  }

  defined(dimensions: readonly TreeDimensionDefinition[]): NewTree | null {
    const shape = TreeShape.of(this.rows, dimensions, this.#mostRecords);
    if (this.room.fileBytes !== null) return this.#fitting(shape);
    return shape.dimensions.length < dimensions.length ? null : this.#treeOf(shape);
  }

  /** A few trees, so that as much as may be comes together in one of them. */
  derived(dimensions: readonly DerivedDimension[]): NewTree[] {
    const { rows } = this;
    const plan = new DimensionPlan(rows, dimensions);
    const trees: NewTree[] = [];
    while (trees.length < MOST_TREES) {
      const most = this.#mostRecords;
      const mostGroups = most / RECORDS_OF_GROUP;
      let shape = TreeShape.of(rows, [], most);
      const isLeft = plan.next(mostGroups, (definition) => {
        const { length } = shape.dimensions;
        shape = shape.extended(rows, [definition], mostGroups);
        return shape.dimensions.length > length;
      });
      if (!isLeft) break;
      const tree = this.#fitting(shape);
      if (tree === null) continue;
      plan.cover(tree.entry.dimensions);
      trees.push(tree);
    }
    return trees;
  }

  /** Goes without one dimension after the other until the tree fits. */
  #fitting(shape: TreeShape): NewTree | null {
    for (let next: TreeShape | null = shape; next !== null; next = next.smaller()) {
      const tree = this.#treeOf(next);
      if (tree === null) continue;
      const size = this.room.sizeOf(tree);
      if (size <= this.#fileBytes) {
        this.#fileBytes -= size;
        this.#recordBytes = 0.9 * (size / tree.entry.rowCount);
        return tree;
      }
      // One of fewer dimensions may have somewhat smaller ones.
      this.#recordBytes = 0.9 * (size / tree.entry.rowCount);
    }
    return null;
  }

  get #mostRecords(): number {
    const { memoryBytes, fileBytes } = this.room;
    const { rowCount } = this.rows;
    const { length } = this.definition.metrics;
    const inMemory = (memoryBytes - ROW_BYTES * rowCount) / (RECORD_BYTES + VALUE_BYTES * length);
    if (fileBytes === null) return Math.floor(Math.min(rowCount, inMemory));
    const inFile = this.#fileBytes / this.#recordBytes;
    return Math.floor(Math.min(rowCount / LEAST_SAVING, inMemory, inFile));
  }

  #treeOf({ groups, dimensions }: TreeShape): NewTree | null {
    if (dimensions.length === 0) return null;
    const order = this.#splitOrder(dimensions);
    const codes = groups.codes();
    const { maxLeafRecords } = this.definition;
    const tree = buildStarTree({
      codes: order.map((i) => codes[i]!),
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
      columns: this.#columns(tree, ordered, recordOfRows(tree.records, groups.groupOf)),
    };
  }

  /** As defined; else the dimension with the most values first, whose star children save the most. */
  #splitOrder(dimensions: readonly ShapeDimension[]): number[] {
    const order = Array.from(dimensions.keys());
    if (this.definition.dimensions !== undefined) return order;
    return order.sort((a, b) => dimensions[b]!.values.length - dimensions[a]!.values.length);
  }

  /** Derived ones are not of numbers that are grouped by: those are no quantities. */
  #metricsBeside(dimensions: readonly ShapeDimension[]): readonly Aggregator[] {
    const { metrics } = this.definition;
    if (!this.derivesMetrics) return metrics;
    const names = new Set(dimensions.map(({ definition }) => definition.name));
    return metrics.filter(({ inputs }) => !inputs.some((name) => names.has(name)));
  }

  #columns(
    { records }: StarTree,
    dimensions: readonly ShapeDimension[],
    base: RecordOfRows,
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
    const vectors = new RecordVectors(records, base, rows);
    const hasTime = columns.some(({ role }) => role === 'time');
    const metrics = this.#metricsBeside(dimensions).map(
      (metric): TreeColumn => ({
        name: metric.name,
        role: 'metric',
        aggregator: metric.spec,
        vector: vectors.of(metric),
      }),
    );
    return [...columns, ...(hasTime ? [] : [firstTime(rows, records.count)]), ...metrics];
  }
}

/** Of a file, for the values of a record in a metric: most are small. */
const METRIC_BYTES = 2;
/** A tree has about so many times as many records as there are groups. */
const RECORDS_OF_GROUP = 1.8;
/** A tree that may be made smaller has so many times fewer records than there are rows. */
const LEAST_SAVING = 16;
/** That are derived for one file. */
const MOST_TREES = 3;
/** Of memory, for each row: its group, twice, and a column of numbers and where they go. */
const ROW_BYTES = 32;
/** Of memory, for the codes of a record, and what it is made of. */
const RECORD_BYTES = 100;
/** Of memory, for a value of a record. */
const VALUE_BYTES = 24;

/** Each base record is one group. */
function recordOfRows({ baseCount, members }: StarRecords, groupOf: Int32Array): RecordOfRows {
  const recordOf = new Int32Array(baseCount);
  for (let record = 0; record < baseCount; record++) recordOf[members[record]!] = record;
  return { recordOf: groupOf.map((group) => recordOf[group]!), recordCount: baseCount };
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
