import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ArenaPool, RealDisk, VirtualDisk } from '../core/index.js';
import { Json, type Value } from '../model/index.js';
import { openSegment, unpackSegment } from '../segments/index.js';
import {
  bloomHas,
  countMinOf,
  frequentValues,
  keysOf,
  rangeValues,
  rowLists,
  zoneEnds,
} from './support/index-reader.js';
import {
  type Cell,
  type Column,
  type IndexEntry,
  type ReadSegment,
  readPackedFile,
  readSegmentFile,
  recordsOf,
  type Tree,
  unsigned,
} from './support/segment-reader.js';
import { REPOSITORY } from './support/server-process.js';

/** docs/segments.md is enough: what a reader that was written from it alone finds is what Varve finds. */
const GOLDEN = join(REPOSITORY, 'segments', 'golden');
const disk = new RealDisk();
const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 30 });
const names = disk.list(GOLDEN);
const segments = names.filter((name) => name.endsWith('.varve'));
const packed = names.filter((name) => name.endsWith('.varvepack'));

/** Sketches as their bytes, documents as their text. */
function plain(cell: Value): Cell {
  if (cell instanceof Json) return cell.text;
  if (cell !== null && typeof cell === 'object' && 'toBytes' in cell) {
    return (cell as { toBytes(): Uint8Array }).toBytes();
  }
  return cell as Cell;
}

function cellsOfVarve(path: string, from: RealDisk | VirtualDisk): Map<string, Cell[]> {
  const segment = openSegment(from, path, pool);
  const found = segment.handle.directory.columns.map(({ name }): [string, Cell[]] => {
    const cursor = segment.cursor();
    const reader = cursor.column(name);
    const cells = Array.from({ length: segment.rowCount }, (_, row) => {
      cursor.row = row;
      return plain(reader.get());
    });
    return [name, cells];
  });
  segment.close();
  return new Map(found);
}

function expectEqual(read: ReadSegment, expected: ReadonlyMap<string, Cell[]>): void {
  expect(read.directory.columns.map(({ name }) => name)).toEqual([...expected.keys()]);
  for (const column of read.directory.columns) {
    expect(read.cells(column), column.name).toEqual(expected.get(column.name));
  }
}

test.each(segments)('%s is read by the document', (name) => {
  const path = join(GOLDEN, name);
  expectEqual(readSegmentFile(disk.readFile(path)), cellsOfVarve(path, disk));
});

test.each(packed)('%s is read by the document', (name) => {
  const virtual = new VirtualDisk();
  const file = virtual.create('/packed');
  file.write(disk.readFile(join(GOLDEN, name)));
  file.close();
  unpackSegment(virtual, '/packed', '/s', false);
  const read = readPackedFile(disk.readFile(join(GOLDEN, name)));
  expectEqual(read, cellsOfVarve('/s', virtual));
});

const elements = (cell: Cell): readonly Cell[] =>
  Array.isArray(cell) ? cell : cell === null ? [] : [cell];
const ascending = (a: Cell, b: Cell): number =>
  a === null ? -1 : b === null ? 1 : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));

/** Rows by text, null first, then those of cells without an element; of lists only. */
function rowsByCode(column: Column, cells: readonly Cell[]): number[][] {
  const isList = column.encoding === 'string.list';
  const partsOf = (cell: Cell): readonly Cell[] => (isList ? elements(cell) : [cell]);
  const texts = [...new Set(cells.flatMap(partsOf))].sort(ascending);
  const rowsWith = (holds: (cell: Cell) => boolean) =>
    cells.flatMap((cell, row) => (holds(cell) ? [row] : []));
  const lists = texts.map((text) => rowsWith((cell) => partsOf(cell).includes(text)));
  return isList ? [...lists, rowsWith((cell) => cell === null)] : lists;
}

/** Elements that are not null, and how many rows have each. */
function rowCounts(cells: readonly Cell[]): Map<Cell, number> {
  const counts = new Map<Cell, number>();
  for (const cell of cells) {
    for (const value of new Set(elements(cell))) {
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return counts;
}

/** What values are hashed by. */
const bytesOf = (value: Cell): Uint8Array =>
  typeof value === 'string'
    ? new TextEncoder().encode(value)
    : new Uint8Array(BigInt64Array.of(BigInt(value as number)).buffer);

const wordsIn = (text: Cell): ReadonlySet<string> =>
  new Set(
    String(text ?? '')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}\p{Pc}]+/gu),
  );

const ZONE = 4096;

/** What a kind of index must hold, said of the cells of its column. */
const CHECKS: Readonly<
  Record<string, (read: ReadSegment, column: Column, index: IndexEntry, cells: Cell[]) => void>
> = {
  inverted(read, column, index, cells) {
    expect(rowLists(read.blocks(index)!)).toEqual(rowsByCode(column, cells));
  },
  runs(read, column, index, cells) {
    const block = read.blocks(index)!;
    const firsts = unsigned(block('runs.firsts')!, 4);
    const lists = rowsByCode(column, cells);
    for (const [i, code] of unsigned(block('runs.codes')!, 4).entries()) {
      const end = firsts[i + 1] ?? cells.length;
      for (let row = firsts[i]!; row < end; row++) expect(lists[code]).toContain(row);
    }
  },
  range(read, _column, index, cells) {
    const block = read.blocks(index)!;
    const rows = unsigned(block('range.rows')!, 4);
    expect(rangeValues(index, block)).toEqual(rows.map((row) => cells[row]));
    expect(rows.length).toBe(cells.filter((cell) => cell !== null).length);
  },
  zones(read, column, index, cells) {
    const block = read.blocks(index)!;
    const lists = index.parameters.form === 'codes' ? rowsByCode(column, cells) : null;
    const numberOf = (row: number): number =>
      lists === null ? Number(cells[row]) : lists.findIndex((rows) => rows.includes(row));
    const [least, most] = ['zones.least', 'zones.most'].map((name) =>
      zoneEnds(index, block(name)!),
    );
    for (let zone = 0; zone * ZONE < cells.length; zone++) {
      const rows = cells.map((_, row) => row).slice(zone * ZONE, (zone + 1) * ZONE);
      const values = rows.filter((row) => lists !== null || cells[row] !== null).map(numberOf);
      expect(Number(least![zone])).toBe(Math.min(...values));
      expect(Number(most![zone])).toBe(Math.max(...values));
    }
  },
  bloom(read, _column, index, cells) {
    for (const value of rowCounts(cells).keys()) {
      expect(bloomHas(index, read.blocks(index)!, bytesOf(value))).toBe(true);
    }
  },
  countMin(read, _column, index, cells) {
    const block = read.blocks(index)!;
    const counts = rowCounts(cells);
    for (const [value, rows] of counts) {
      expect(countMinOf(block('counters.bytes')!, bytesOf(value))).toBeGreaterThanOrEqual(rows);
    }
    const frequent = frequentValues(block('frequent.bytes')!);
    expect(frequent).toEqual(frequent.map(([value]) => [value, counts.get(value)]));
    expect(frequent[0]![1]).toBe(Math.max(...counts.values()));
  },
  hll(read, _column, index, cells) {
    const state = read.blocks(index)!('hll.bytes')!;
    expect([...state.subarray(0, 2), state[3]]).toEqual([1, 11, 0]);
    // Few: each value has a bucket of its own.
    if (state[2] === 0) expect((state.length - 4) / 4).toBe(rowCounts(cells).size);
    else expect(state.length).toBe(4 + 2 ** 11);
  },
  kll(read, _column, index, cells) {
    const image = read.blocks(index)!('kll.bytes')!;
    const view = new DataView(image.buffer, image.byteOffset);
    const values = cells.filter((cell) => cell !== null && !Number.isNaN(cell)).map(Number);
    if (values.length < 2) return;
    const ends = 20 + 4 * image[18]!;
    expect(Number(view.getBigUint64(8, true))).toBe(values.length);
    expect(view.getFloat64(ends, true)).toBe(Math.min(...values));
    expect(view.getFloat64(ends + 8, true)).toBe(Math.max(...values));
  },
  text(read, _column, index, cells) {
    const lists = rowLists(read.blocks(index)!);
    for (const [i, word] of keysOf(read.blocks(index)!).entries()) {
      const hasWord = (cell: Cell) => elements(cell).some((text) => wordsIn(text).has(word));
      expect(lists[i]).toEqual(cells.flatMap((cell, row) => (hasWord(cell) ? [row] : [])));
    }
  },
  jsonPath(read, _column, index, cells) {
    const block = read.blocks(index)!;
    const found = new Map(keysOf(block).map((key, i) => [key, rowLists(block)[i]!]));
    expect(nodesOf(cells, unsigned(block('nodes.parents')!, 4))).toEqual(found);
  },
};

/** Keys with their nodes, of documents as texts; `parents` are compared on the way. */
function nodesOf(cells: readonly Cell[], parents: readonly number[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  let next = cells.length;
  const enter = (key: unknown, node: number) => {
    const text = JSON.stringify(key);
    found.set(text, [...(found.get(text) ?? []), node]);
  };
  const visit = (path: (string | null)[], value: unknown, node: number): void => {
    if (value === null) return;
    if (Array.isArray(value)) {
      for (const element of value) {
        expect(parents[next - cells.length]).toBe(node);
        visit([...path, null], element, next++);
      }
    } else if (typeof value === 'object') {
      for (const [name, member] of Object.entries(value)) visit([...path, name], member, node);
    } else {
      enter(path, node);
      enter([path, value], node);
    }
  };
  for (const [row, cell] of cells.entries()) {
    if (cell !== null) visit([], JSON.parse(cell as string), row);
  }
  for (const [key, nodes] of found)
    found.set(
      key,
      [...new Set(nodes)].sort((a, b) => a - b),
    );
  return found;
}

test.each(segments)('the indexes of %s hold what the document says', (name) => {
  const read = readSegmentFile(disk.readFile(join(GOLDEN, name)));
  for (const column of read.directory.columns) {
    const cells = read.cells(column);
    for (const index of column.indexes ?? []) CHECKS[index.kind]!(read, column, index, cells);
  }
});

const HOUR = 3_600_000;
const floor = (time: Cell): Cell => Math.floor(Number(time) / HOUR) * HOUR;
type Cells = ReadonlyMap<string, readonly Cell[]>;

/** The buckets of a `hyperUnique` of few values, each of which has one. */
const bucketsOf = (states: readonly Cell[]): Set<number> =>
  new Set(
    states.flatMap((state) => {
      const bytes = state as Uint8Array;
      expect(bytes[2]).toBe(0);
      return unsigned(bytes.slice(4), 4).map((word) => word >>> 7);
    }),
  );

const sumOf = (cells: readonly Cell[]): bigint =>
  cells.reduce<bigint>((sum, cell) => sum + BigInt((cell ?? 0) as number), 0n);

/** What rows make, and what records make, by the type of the aggregator. */
const FOLDS: Readonly<
  Record<
    string,
    { ofRows(cells: readonly Cell[]): unknown; ofRecords(cells: readonly Cell[]): unknown }
  >
> = {
  count: { ofRows: ({ length }) => BigInt(length), ofRecords: sumOf },
  longSum: { ofRows: sumOf, ofRecords: sumOf },
  hyperUnique: {
    ofRows: (cells) => new Set(cells).size,
    ofRecords: (states) => bucketsOf(states).size,
  },
};

/** By group, what the metrics of a tree come to over some rows, or some records. */
function groupsOf(
  { dimensions, columns }: Tree,
  isRead: readonly boolean[],
  cells: Cells,
  rows: readonly number[],
  from: 'ofRows' | 'ofRecords',
): Map<string, unknown[]> {
  const members = new Map<string, number[]>();
  for (const row of rows) {
    const key = JSON.stringify(
      dimensions.map(({ name }, i) => (isRead[i] ? cells.get(name)![row] : '*')),
    );
    members.set(key, [...(members.get(key) ?? []), row]);
  }
  const metrics = columns.filter(({ role }) => role === 'metric');
  return new Map(
    [...members].sort().map(([key, some]) => [
      key,
      metrics.map(({ name, aggregator }) => {
        const { type, fieldName } = aggregator!;
        const column = cells.get(from === 'ofRows' ? (fieldName ?? '__time') : name)!;
        return FOLDS[type]![from](some.map((row) => column[row]!));
      }),
    ]),
  );
}

const trees = names.filter((name) => name.includes('trees'));

test.each(trees)('star-trees of %s answer as the rows do', (name) => {
  const file = disk.readFile(join(GOLDEN, name));
  const read = name.endsWith('.varve') ? readSegmentFile(file) : readPackedFile(file);
  const { columns, rowCount } = read.directory;
  expect(read.directory.trees).toHaveLength(2);
  for (const tree of read.directory.trees!) {
    const rows = new Map(columns.map((column) => [column.name, read.cells(column)]));
    if (tree.dimensions.some(({ granularity }) => granularity === 'hour')) {
      rows.set('__time', rows.get('__time')!.map(floor));
    }
    const records = new Map(tree.columns.map((column) => [column.name, read.cells(column, tree)]));
    const all = Array.from({ length: rowCount }, (_, row) => row);
    for (let bits = 0; bits < 2 ** tree.dimensions.length; bits++) {
      const isRead = tree.dimensions.map((_, i) => ((bits >> i) & 1) === 1);
      const found = recordsOf(read, tree, isRead);
      const expected = groupsOf(tree, isRead, rows, all, 'ofRows');
      expect(groupsOf(tree, isRead, records, found, 'ofRecords')).toEqual(expected);
      expect(found.length).toBeLessThan(rowCount / 2);
    }
  }
});
