import type { Long } from '../../core/index.js';
import { buildStarTree, type StarNodes } from '../../indexes/index.js';
import type { RowCursor } from '../../model/index.js';
import type { TreeEntry } from '../format/directory.js';
import type { TreeColumn } from '../format/segment-writer.js';
import type { TreeDefinition, TreeDimensionDefinition } from '../schema.js';
import { recordVector } from './record-vector.js';
import { MOST_CODES, type TreeDimension, treeDimension } from './tree-dimension.js';

export interface BuiltTree {
  readonly entry: Omit<TreeEntry, 'columns'>;
  readonly nodes: StarNodes;
  readonly columns: readonly TreeColumn[];
}

/** Null where a dimension has too many values, or lists, or where there would be more than `maxRecords` records. */
export function buildTree(
  rows: RowCursor,
  definition: TreeDefinition,
  maxRecords: number,
): BuiltTree | null {
  const { dimensions = [], metrics = [], maxLeafRecords } = definition;
  if (dimensions.length === 0) return null;
  const coded: TreeDimension[] = [];
  for (const dimension of dimensions) {
    const found = codesOf(rows, dimension);
    if (found === null) return null;
    coded.push(found);
  }
  const tree = buildStarTree({
    codes: coded.map(({ codes }) => codes),
    sizes: coded.map(({ size }) => size),
    rowCount: rows.rowCount,
    maxLeafRecords,
    skipStar: dimensions.map(({ skipStar }) => skipStar),
    maxRecords,
  });
  if (tree === null) return null;
  const { nodes, records } = tree;
  const hasTime = dimensions.some(({ granularity }) => granularity !== undefined);
  return {
    entry: { dimensions: dimensions.map(entryOf), maxLeafRecords, rowCount: records.count },
    nodes,
    columns: [
      ...dimensions.map(
        ({ name, granularity }, i): TreeColumn => ({
          name,
          role: granularity === undefined ? 'dimension' : 'time',
          aggregator: null,
          vector: () => coded[i]!.vector(records.codes[i]!),
        }),
      ),
      ...(hasTime ? [] : [firstTime(rows, records.count)]),
      ...metrics.map(
        (metric): TreeColumn => ({
          name: metric.name,
          role: 'metric',
          aggregator: metric.spec,
          vector: () => recordVector(records, metric, rows),
        }),
      ),
    ],
  };
}

/** Scans ask for the time of a row: where records have none, it is that of the first row. */
function firstTime(rows: RowCursor, rowCount: number): TreeColumn {
  const time = rows.column('__time');
  return {
    name: '__time',
    role: 'time',
    aggregator: null,
    vector() {
      rows.row = 0;
      const base = time.get() as Long;
      return {
        kind: 'LONG',
        layout: 'offsets',
        rowCount,
        base,
        offsets: new Uint8Array(rowCount),
        nulls: null,
      };
    },
  };
}

function codesOf(
  rows: RowCursor,
  { name, granularity }: TreeDimensionDefinition,
): TreeDimension | null {
  const reader = rows.column(name);
  if (!reader.exists) return null;
  return granularity === undefined
    ? treeDimension(rows, reader, MOST_CODES)
    : treeDimension(rows, reader, MOST_CODES, (time) => granularity.bucketStart(Number(time)));
}

const entryOf = ({ name, skipStar, granularity }: TreeDimensionDefinition) => ({
  name,
  skipStar,
  ...(granularity && { granularity: granularity.spec }),
});
