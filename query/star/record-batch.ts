import { isNull } from '../../core/index.js';
import { type Filter, TRUE } from '../../model/index.js';
import type { ScanColumn, Segment } from '../../segments/index.js';
import { hasCode } from '../compiler/code-set.js';
import type { CodeColumn } from '../compiler/columns.js';
import type { OpenScan } from '../interpreter/walk.js';
import { type FoundTree, knownLookups, type RecordTest } from './tree-records.js';

/** Records of one tree that pass the query's filter. */
export interface RecordBatch {
  readonly tree: FoundTree;
  readonly scan: OpenScan;
  readonly records: Uint32Array;
  /** So many were looked at. */
  readonly scanned: number;
  /** How many the batches before it have. */
  readonly from: number;
}

export const countOf = (batches: readonly RecordBatch[]): number =>
  batches.reduce((sum, { records }) => sum + records.length, 0);

/** Nobody may change them: the next query of the same question may be given the same. */
export function passingRecords(
  scan: OpenScan,
  tree: FoundTree,
): Pick<RecordBatch, 'records' | 'scanned'> {
  const { whole, recordCount, inSpans, tests } = tree;
  if (whole !== null && whole.passing !== null) {
    return { records: whole.passing, scanned: recordCount };
  }
  const [first, ...others] = inSpans === null ? tests : [inSpans, ...tests];
  const found = first === undefined ? allRecords(tree) : firstPassing(tree, first);
  const scanned = inSpans === null ? recordCount : found.length;
  const records = passingOf(scan, tree, others, found);
  if (whole !== null && knownLookups.takes(records.byteLength)) whole.passing = records.slice();
  return { records, scanned };
}

function allRecords({ ranges, recordCount }: FoundTree): Uint32Array {
  const records = new Uint32Array(recordCount);
  let count = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    for (let record = ranges[i]!; record < ranges[i + 1]!; record++) records[count++] = record;
  }
  return records;
}

/** Those that pass one condition: of many that are looked at few may be left. */
function firstPassing(tree: FoundTree, test: RecordTest): Uint32Array {
  const { segment, ranges, recordCount } = tree;
  const { scan } = test.column;
  if (scan.layout === 'constant' || scan.nulls !== null) {
    return passing(segment, test, allRecords(tree));
  }
  const table = tableOf(test);
  const stored = storedCodes(segment, scan);
  const records = roomFor(recordCount);
  let count = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    const end = ranges[i + 1]!;
    for (let record = ranges[i]!; record < end; record++) {
      records[count] = record;
      count += table[stored[record]!] === 1 ? 1 : 0;
    }
  }
  return records.slice(0, count);
}

/** Kept from one query to the next, unless it is large. */
let room = new Uint32Array(4096);
const MOST_ROOM = 2 ** 20;

function roomFor(count: number): Uint32Array {
  if (count <= room.length) return room;
  const made = new Uint32Array(count);
  if (count <= MOST_ROOM) room = made;
  return made;
}

/** Leaves may have records that do not pass. Changes `records`. */
function passingOf(
  { cursor, source }: OpenScan,
  { segment, predicates }: FoundTree,
  tests: readonly RecordTest[],
  records: Uint32Array,
): Uint32Array {
  let left = records;
  for (const test of tests) left = passing(segment, test, left);
  for (const filter of predicates) left = passingFilter(cursor, filter.predicate(source), left);
  return left;
}

/** Changes `records`. */
function passing(segment: Segment, test: RecordTest, records: Uint32Array): Uint32Array {
  const table = tableOf(test);
  const own = codesAt(segment, test.column, records);
  let count = 0;
  for (let i = 0; i < records.length; i++) {
    if (table[own[i]!] === 1) records[count++] = records[i]!;
  }
  return records.subarray(0, count);
}

/** By code: 1 where it passes, else 0. */
function tableOf({ column, codes }: RecordTest): Uint8Array {
  const table = new Uint8Array(column.size);
  for (let code = 0; code < table.length; code++) table[code] = hasCode(codes, code) ? 1 : 0;
  return table;
}

function passingFilter(
  cursor: OpenScan['cursor'],
  passes: ReturnType<Filter['predicate']>,
  records: Uint32Array,
): Uint32Array {
  return records.filter((record) => {
    cursor.row = record;
    return passes() === TRUE;
  });
}

/** The codes of some records. */
export function codesAt(
  segment: Segment,
  { scan, nullCode }: Pick<CodeColumn, 'scan' | 'nullCode'>,
  records: Uint32Array,
): Uint32Array {
  const codes = new Uint32Array(records.length);
  if (scan.layout !== 'constant') {
    const stored = storedCodes(segment, scan);
    for (let i = 0; i < records.length; i++) codes[i] = stored[records[i]!]!;
  }
  const nulls = nullsOf(segment, scan);
  if (nulls === null || nullCode === null) return codes;
  for (let i = 0; i < records.length; i++) if (isNull(nulls, records[i]!)) codes[i] = nullCode;
  return codes;
}

/** By record. */
export function storedCodes(
  { scanMemory, rowCount }: Segment,
  { address, width }: ScanColumn,
): Uint8Array | Uint16Array | Uint32Array {
  const { buffer } = scanMemory!.memory;
  if (width === 1) return new Uint8Array(buffer, address, rowCount);
  return width === 2
    ? new Uint16Array(buffer, address, rowCount)
    : new Uint32Array(buffer, address, rowCount);
}

/** The null bitmap; null where no record is null. */
export function nullsOf({ scanMemory, rowCount }: Segment, { nulls }: ScanColumn) {
  return nulls === null
    ? null
    : new Uint8Array(scanMemory!.memory.buffer, nulls, Math.ceil(rowCount / 8));
}
