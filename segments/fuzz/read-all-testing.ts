import { type ArenaPool, CorruptSketchError, type Disk, VirtualDisk } from '../../core/index.js';
import {
  type ColumnIndex,
  type IndexPredicate,
  indexKindNamed,
  rowsIn,
} from '../../indexes/index.js';
import { Json, type Value } from '../../model/index.js';
import { type OpenSegment, openSegment } from '../immutable/load.js';
import { unsignedIn } from '../seal/number-columns.js';
import type { ScanColumn, Segment } from '../types.js';
import { type LoadedTree, recordsFound, withTrees } from './read-trees-testing.js';

/** For tests: a disk that holds one file, where it lies, and tells which bytes of it are read. */
export function diskWith(
  bytes: Uint8Array,
  onRead: (from: number, to: number) => void = () => undefined,
): Disk {
  const openRead: Disk['openRead'] = (path) => ({
    sizeBytes: bytes.length,
    readInto: (target, offset) => {
      if (offset + target.length > bytes.length) throw new Error(`${path} is read past its end`);
      onRead(offset, offset + target.length);
      target.set(bytes.subarray(offset, offset + target.length));
    },
    close: () => undefined,
  });
  return Object.assign(new VirtualDisk(), { openRead });
}

/** For tests: a file with these bytes. */
export function put(disk: Disk, path: string, bytes: Uint8Array): void {
  const file = disk.create(path);
  file.write(bytes);
  file.close();
}

/** Far beyond every row: what an index tells is looked at as a whole. */
const ANY_ROW = 2 ** 32 - 1;
/** Of a file that says that it has more, some at the ends are read. */
const MOST_ROWS = 10_000;

const codes = (from: number, to: number): IndexPredicate => ({
  kind: 'codes',
  codes: { kind: 'ranges', ranges: [{ from, to }] },
});
const between = (lower: number | null, upper: number | null): IndexPredicate => ({
  kind: 'numbers',
  ranges: [{ lower, upper, lowerStrict: false, upperStrict: true }],
  points: [7, 2n ** 62n, Number.NaN],
});

/** What every index is asked. */
const PREDICATES: readonly IndexPredicate[] = [
  codes(0, 1),
  codes(1, 4),
  codes(2, 2 ** 32 - 1),
  { kind: 'codes', codes: { kind: 'table', table: Uint8Array.of(0, 1, 0, 1) } },
  { kind: 'texts', texts: ['x', 'word b1'] },
  between(null, 9),
  between(1, null),
  { kind: 'numbers', ranges: [], points: [-42] },
  { kind: 'nulls' },
  { kind: 'json', conditions: [{ path: ['a'], value: 1 }] },
  {
    kind: 'json',
    conditions: [{ path: ['list', null, 'b'], value: 'x' }, { path: ['list', null] }],
  },
  { kind: 'words', words: ['word', 'b1'], mode: 'all' },
  { kind: 'words', words: ['y', 'z'], mode: 'any' },
];

/** All that a segment tells: cells, statistics and what its indexes answer, as plain values. */
function readAll(segment: Segment) {
  const { columns, rowCount, minTimeMs, maxTimeMs, rollup, queryGranularity } = segment;
  const names = columns.map(({ name }) => name);
  const asked = [...names, ...names.map((name) => `\0${name}\0$.a`)];
  return {
    head: { rowCount, minTimeMs, maxTimeMs, rollup, queryGranularity, columns },
    aggregators: { ...segment.aggregators },
    cells: asked.map((name) => cellsOf(segment, name)),
    described: asked.map((name) => segment.describe(name)),
    layouts: asked.map((name) => layoutOf(segment, name)),
    told: asked.map((name) => toldBy(segment, name)),
  };
}

function cellsOf(segment: Segment, name: string): unknown[] {
  const cursor = segment.cursor();
  const reader = cursor.column(name);
  return rowsToRead(segment.rowCount).map((row) => {
    cursor.row = row;
    return plain(reader.get());
  });
}

function rowsToRead(rowCount: number): number[] {
  const count = Math.min(rowCount, MOST_ROWS);
  const rows = Array.from({ length: count }, (_, row) => row);
  return rowCount > MOST_ROWS ? [...rows, rowCount - 1] : rows;
}

/** Sketches by their estimate, documents by their value too: it is parsed when it is asked for. */
function plain(cell: Value): unknown {
  if (cell instanceof Json) return [cell.text, cell.value];
  if (cell !== null && typeof cell === 'object' && 'estimate' in cell) {
    return (cell as { estimate(): number }).estimate();
  }
  return cell;
}

function layoutOf(segment: Segment, name: string): unknown {
  const { type, layout, width, base, unit, size } = segment.scanColumn(name) ?? {};
  return { type, layout, width, base, unit, size };
}

/** What the indexes of a column answer. Throws where one tells of rows that there are not, or of one twice. */
function toldBy(segment: Segment, name: string): unknown[] {
  const kinds = segment.describe(name)?.storage?.indexes ?? [];
  return kinds.map(({ kind }) => {
    const index = segment.index(name, kind);
    if (index === null) return [kind, indexKindNamed(kind)?.name];
    const told = PREDICATES.map((predicate) => {
      const estimate = index.estimate(predicate);
      const answer = index.rows(predicate);
      const rows = answer === null ? null : rowsIn(answer.rows, 0, ANY_ROW);
      const isInOrder = rows?.every(
        (row, i) => row < segment.rowCount && (i === 0 || rows[i - 1]! < row),
      );
      if (isInOrder === false) throw new Error(`index ${kind} of ${name} tells of no rows`);
      if (estimate !== null && !(estimate >= 0 && estimate <= segment.rowCount)) {
        throw new Error(`index ${kind} of ${name} estimates ${estimate} rows`);
      }
      return [kind, estimate, rows, answer?.exact, index.guess?.(predicate)];
    });
    return [told, sketchOf(index)];
  });
}

/** What kernels rely on: ids and codes are of entries of their dictionaries, deltas of values that statistics tell of. */
function expectTrustworthy(segment: OpenSegment): void {
  const { handle, rowCount } = segment;
  const { buffer } = handle.memory;
  for (const { name } of handle.directory.columns) {
    const scan = segment.scanColumn(name);
    const most = scan === null ? null : mostOf(scan, segment.describe(name)!.stats.max);
    if (scan === null || most === null) continue;
    const entries = unsignedIn(buffer, scan.address, scan.width, rowCount);
    if (entries.some((entry) => entry > most))
      throw new Error(`${name} has an entry above ${most}`);
  }
}

function mostOf({ layout, size, base, unit }: ScanColumn, max: unknown): number | null {
  if (layout === 'ids' || layout === 'codes') return size - 1;
  if (layout !== 'deltas') return null;
  return Number((BigInt(max as number) - BigInt(base)) / BigInt(unit));
}

/** What is told of the whole column, as text; an error where its bytes are no sketch. */
function sketchOf(index: ColumnIndex): string {
  try {
    return Buffer.from(index.sketch?.().sketch.toBytes() ?? []).toString('base64');
  } catch (error) {
    if (error instanceof CorruptSketchError) return error.message;
    throw error;
  }
}

/** For tests: opens a segment file, reads all of it, and lets it go. */
export function readFile(
  bytes: Uint8Array,
  pool: ArenaPool,
  onRead?: (from: number, to: number) => void,
): ReturnType<typeof readAll> & { readonly trees: unknown } {
  const disk = diskWith(bytes, onRead);
  const segment = openSegment(disk, '/s', pool, 'all');
  try {
    expectTrustworthy(segment);
    return { ...readAll(segment), trees: withTrees(disk, '/s', pool, readTree) };
  } finally {
    segment.close();
  }
}

/** All that a star-tree tells: its records, and which of them answer what. */
function readTree(tree: LoadedTree) {
  const { directory, number, records } = tree;
  const { columns, ...facts } = directory.trees[number]!;
  const found = recordsFound(tree);
  if (found.flat().some((end) => end > records.rowCount)) {
    throw new Error(`tree ${number} tells of no records`);
  }
  return { facts, found, cells: columns.map(({ name }) => cellsOf(records, name)) };
}
