import { expect, test } from 'vitest';
import { VirtualDisk } from '../../core/index.js';
import { parseAggregator } from '../../model/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { withTrees } from '../fuzz/read-trees-testing.js';
import { openSegment } from '../immutable/load.js';
import { mergeSegments } from '../merge/merge-segments.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import type { SegmentSchema, TreeDefinition } from '../schema.js';
import { sealSegments } from '../seal/seal-segments.js';
import { cellsOf, inputTypes, rowsOf, schemaOf, testPool } from '../testing.js';

const pool = testPool();
const COUNT = parseAggregator({ type: 'count', name: 'rows' }, '');
const SUM = parseAggregator({ type: 'longSum', name: 'sum', fieldName: 'n' }, '');
const dimension = (name: string) => ({ name, skipStar: false });
const BY_PAGE = { dimensions: [dimension('page')], metrics: [COUNT], maxLeafRecords: 1 };
const BY_CITY = {
  dimensions: [dimension('city'), dimension('page')],
  metrics: [SUM, COUNT],
  maxLeafRecords: 1,
};
const schemaWith = (...starTrees: TreeDefinition[]): SegmentSchema =>
  schemaOf({ city: 'STRING', page: 'STRING', n: 'LONG' }, [], { starTrees });

const ROW_COUNT = 300;
const OPTIONS = { maxRowsPerSegment: 10_000 };

/** Two files, both of which have a tree by page. */
function inputs(disk: VirtualDisk): string[] {
  return [0, 1].map((file) => {
    const schema = schemaWith(BY_PAGE);
    const segment = new MutableSegment(schema, pool);
    const rows = Array.from({ length: ROW_COUNT }, (_, i) => ({
      __time: 2 * i + file,
      city: `c${(i + file) % 4}`,
      page: `p${i % (3 + file)}`,
      n: i,
    }));
    segment.append(rowsOf(rows, inputTypes(schema)));
    sealSegments(disk, '/in', () => `${file}`, [segment.snapshot()], schema, OPTIONS);
    segment.close();
    expect(readSegmentDirectory(disk, `/in/${file}`).trees).toHaveLength(1);
    return `/in/${file}`;
  });
}

const MERGES: Readonly<Record<string, (disk: VirtualDisk, schema: SegmentSchema) => string>> = {
  'in memory': (disk, schema) => {
    const opened = inputs(disk).map((path) => openSegment(disk, path, pool));
    const [sealed] = sealSegments(disk, '/out', String, opened, schema, OPTIONS);
    for (const segment of opened) segment.close();
    return sealed!.path;
  },
  'as a stream': (disk, schema) => {
    const options = { ...OPTIONS, memoryBytes: 8 << 20, temporaryDir: '/tmp' };
    return mergeSegments(disk, '/out', String, inputs(disk), schema, options)[0]!.path;
  },
};

test.each(Object.entries(MERGES))(
  'files merged %s have the trees of the new schema, not their own',
  (_, merge) => {
    const disk = new VirtualDisk();
    const path = merge(disk, schemaWith(BY_CITY));
    const directory = readSegmentDirectory(disk, path);
    expect(directory.rowCount).toBe(2 * ROW_COUNT);
    expect(directory.columns.map(({ name }) => name)).toEqual(['__time', 'city', 'page', 'n']);
    expect(directory.trees.map(({ dimensions }) => dimensions.map(({ name }) => name))).toEqual([
      ['city', 'page'],
    ]);
    const [all] = withTrees(disk, path, pool, ({ records, nodes }) => {
      const names = records.columns.map(({ name }) => name);
      const record = cellsOf(records)[nodes.summed[0]!]!;
      return Object.fromEntries(names.map((name, i) => [name, record[i]]));
    });
    const sum = (ROW_COUNT * (ROW_COUNT - 1)) / 2;
    expect(all).toMatchObject({ rows: 2 * ROW_COUNT, sum: 2 * sum });
  },
);

test.each(Object.entries(MERGES))(
  'files merged %s have no trees where the schema has none',
  (_, merge) => {
    const disk = new VirtualDisk();
    expect(readSegmentDirectory(disk, merge(disk, schemaWith())).trees).toEqual([]);
  },
);
