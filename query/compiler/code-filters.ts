import { stringifyJson } from '../../core/index.js';
import {
  type Filter,
  type Ternary,
  type TextPattern,
  type TextTest,
  TRUE,
} from '../../model/index.js';
import { CodeCache } from './code-cache.js';
import {
  bytesOfSet,
  type CodeSet,
  codesBelow,
  hasCode,
  othersThan,
  setOfRanges,
  setOfTable,
  withCode,
} from './code-set.js';
import type { CodeColumn, Columns } from './columns.js';
import { codeOf } from './numbers.js';
import { ALWAYS, allOf, anyOf, nullMask, rangeMask, type Test, tableTest } from './tests.js';
import { isPiece, TextBytes } from './text-bytes.js';

/** Of this thread. */
const cache = new CodeCache(bytesOfSet);

/** Of columns with fewer codes a set is as soon made as found. */
const MIN_REMEMBERED = 1024;

/** A filter over one column of codes: the interpreter is asked once per code. */
export function perCode(
  columns: Columns,
  filter: Filter,
  column: CodeColumn,
  wanted: Ternary,
): Test {
  const set = remembered(columns, filter, column, wanted, () => {
    const answers = answersOf(columns, filter, column);
    const table = new Uint8Array(column.size);
    for (let code = 0; code < table.length; code++) table[code] = Number(answers(code) === wanted);
    return setOfTable(table);
  });
  return codesTest(column, set);
}

/** A filter over a dictionary of texts, by their bytes; null where they are not at hand. */
export function textsTest(
  columns: Columns,
  filter: Filter,
  test: TextTest,
  column: CodeColumn,
  wanted: Ternary,
): Test | null {
  const { texts, size } = column.scan;
  const { scanMemory } = columns.segment;
  if (texts === null || scanMemory === null) return null;
  const bytes = new TextBytes(scanMemory.memory, texts, size);
  const make = (): CodeSet => {
    const named = namedBy(columns, filter, test, column, bytes);
    const set = wanted === TRUE ? named : othersThan(named, texts.hasNull ? 1 : 0, size);
    return texts.hasNull && test.forNull === wanted ? withCode(set, 0, size) : set;
  };
  const set = test.kind === 'pattern' ? remembered(columns, filter, column, wanted, make) : make();
  return codesTest(column, set);
}

/** The texts for which the test is TRUE. */
function namedBy(
  columns: Columns,
  filter: Filter,
  test: TextTest,
  column: CodeColumn,
  bytes: TextBytes,
): CodeSet {
  switch (test.kind) {
    case 'points':
      return setOfRanges(
        test.texts.map((text) => bytes.equal(text)),
        column.size,
      );
    case 'range':
      return setOfRanges([bytes.within(test.range)], column.size);
    case 'pattern': {
      const answers = answersOf(columns, filter, column);
      return matching(columns, test.pattern, column, bytes, (code) => answers(code) === TRUE);
    }
  }
}

/** The bytes tell which texts may match; where that is not all, or there is no room to search, `accepts` tells which do. */
function matching(
  columns: Columns,
  { prefix, piece, isAtEnd, isWhole }: TextPattern,
  { size }: CodeColumn,
  bytes: TextBytes,
  accepts: (code: number) => boolean,
): CodeSet {
  const range = bytes.beginningWith(prefix);
  if (piece === '' && isWhole) return setOfRanges([range], size);
  const table = new Uint8Array(size);
  const scratch = isPiece(piece) ? columns.scratch() : null;
  if (scratch === null) table.fill(1, range.from, range.to);
  else bytes.markHolding(piece, isAtEnd, range, table, scratch);
  if (scratch === null || !isWhole) {
    for (let code = table.indexOf(1); code >= 0; code = table.indexOf(1, code + 1)) {
      if (!accepts(code)) table[code] = 0;
    }
  }
  return setOfTable(table);
}

/** What the interpreter says of each code. */
function answersOf(
  columns: Columns,
  filter: Filter,
  column: CodeColumn,
): (code: number) => Ternary {
  const source = columns.over(column);
  const predicate = filter.predicate(source);
  return (code) => {
    source.code = code;
    return predicate();
  };
}

function remembered(
  { segment, virtualColumns }: Columns,
  filter: Filter,
  { size }: CodeColumn,
  wanted: Ternary,
  make: () => CodeSet,
): CodeSet {
  if (size < MIN_REMEMBERED) return make();
  const virtual = virtualColumns.map(({ spec }) => spec);
  return cache.get(segment, stringifyJson([filter.spec, virtual, wanted]), make);
}

/** The cheapest test of codes: none, all, some ranges, or a look into the table. */
function codesTest(column: CodeColumn, set: CodeSet): Test {
  const { scan, nullCode } = column;
  if (nullCode !== null) return withNulls(column, set, nullCode);
  if (set.kind === 'table') return tableTest((kernel) => codeOf(kernel, column), set.table);
  return anyOf(
    set.ranges.map(({ from, to }) => {
      if (to - from === column.size) return ALWAYS;
      return rangeMask(scan.address, scan.width as 1 | 2 | 4, from, to - from - 1);
    }),
  );
}

/** Numbers by their deltas, nulls by their bitmap. */
function withNulls(column: CodeColumn, set: CodeSet, nullCode: number): Test {
  const nulls = column.scan.nulls!;
  const bare = { ...column, nullCode: null, size: nullCode };
  const numbers = codesTest(bare, codesBelow(set, nullCode));
  const validNumbers = allOf([nullMask(nulls, 'valid'), numbers]);
  return hasCode(set, nullCode) ? anyOf([nullMask(nulls, 'null'), validNumbers]) : validNumbers;
}
