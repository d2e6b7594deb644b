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
  type CodeRange,
  type CodeSet,
  codesBelow,
  hasCode,
  othersThan,
  setOfTable,
  spanOfSet,
  unitedSets,
  withCode,
} from './code-set.js';
import { type CodeColumn, type CodeSource, type Columns, keepsCodes } from './columns.js';
import type { KernelBuilder } from './kernel-builder.js';
import { codeOf, codeOfAll } from './numbers.js';
import { ALWAYS, allOf, anyOf, nullMask, rangeMask, type Test, tableTest } from './tests.js';
import { isPiece, type TextBytes } from './text-bytes.js';
import { lowerText } from './text-choices.js';
import { type Code, get, op } from './wasm/code.js';

/** A set of the codes below a size. */
interface KnownSet {
  readonly size: number;
  readonly set: CodeSet;
}

/** Of this thread. */
const cache = new CodeCache<KnownSet>(({ set }) => bytesOfSet(set));

/** Of columns with fewer codes a set is as soon made as found. */
const MIN_REMEMBERED = 1024;

/** A filter over one column of codes: the interpreter is asked once per code. */
export function perCode(
  columns: Columns,
  filter: Filter,
  column: CodeColumn,
  wanted: Ternary,
): Test {
  const codes = { size: column.size, isKept: keepsCodes(column) };
  const set = remembered(columns, filter, codes, wanted, (from) => {
    const answers = answersOf(columns, filter, column);
    return tableOf(from, column.size, (code) => answers(code) === wanted);
  });
  return codesTest(column, set);
}

/** A filter over several columns whose combinations are few: the interpreter is asked once for each. */
export function perCombination(columns: Columns, filter: Filter, wanted: Ternary): Test | null {
  const few = columns.fewCodes(filter.inputs);
  if (few === null) return null;
  return codesPassing(columns, filter, wanted, {
    size: few.reduce((all, { size }) => all * size, 1),
    code: (kernel) => codeOfAll(kernel, few),
    source: columns.overAll(few),
  });
}

/** A filter over a text that is chosen among several columns: the interpreter is asked once per code. */
export function perChoice(columns: Columns, filter: Filter, wanted: Ternary): Test | null {
  const [name, ...others] = filter.inputs;
  if (name === undefined || others.length > 0) return null;
  const text = lowerText(columns, name);
  if (text === null) return null;
  const { size, code } = text;
  return codesPassing(columns, filter, wanted, { size, code, source: text.source() });
}

/** Codes that are computed. */
interface Computed {
  readonly size: number;
  readonly code: (kernel: KernelBuilder) => Code;
  readonly source: CodeSource;
}

function codesPassing(
  columns: Columns,
  filter: Filter,
  wanted: Ternary,
  { size, code, source }: Computed,
): Test {
  // Codes that several columns share are others when one of these grows.
  const set = remembered(columns, filter, { size, isKept: false }, wanted, () => {
    const predicate = filter.predicate(source);
    return tableOf(0, size, (each) => {
      source.code = each;
      return predicate() === wanted;
    });
  });
  if (set.kind === 'table') return tableTest(code, set.table);
  return anyOf(set.ranges.map((range) => codeWithin(code, range)));
}

const codeWithin = (code: Computed['code'], { from, to }: CodeRange): Test => ({
  kind: 'rows',
  row: (kernel) =>
    op(
      'i32.lt_u',
      op('i32.sub', code(kernel), get(kernel.constant('i32', from))),
      get(kernel.constant('i32', to - from)),
    ),
});

/** A filter over a dictionary of texts, by their bytes; null where they are not at hand. */
export function textsTest(
  columns: Columns,
  filter: Filter,
  test: TextTest,
  column: CodeColumn,
  wanted: Ternary,
): Test | null {
  const all = columns.textBytes(column);
  if (all === null) return null;
  const { hasNull } = all;
  const { size } = column;
  const make = (from: number): CodeSet => {
    const bytes = from === 0 ? all : columns.textBytes(column, from)!;
    const named = namedBy(columns, filter, test, column, bytes);
    const first = Math.max(from, hasNull ? 1 : 0);
    const set = wanted === TRUE ? named : othersThan(named, first, size);
    return from === 0 && hasNull && test.forNull === wanted ? withCode(set, 0, size) : set;
  };
  const set =
    test.kind === 'pattern' || !all.isSorted
      ? remembered(columns, filter, { size, isKept: true }, wanted, make)
      : make(0);
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
      return bytes.equal(test.texts);
    case 'range':
      return bytes.within(test.range);
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
  const begun = bytes.beginningWith(prefix);
  if (piece === '' && isWhole) return begun;
  const table = new Uint8Array(size);
  const span = spanOfSet(begun);
  const scratch = isPiece(piece) ? columns.scratch() : null;
  if (scratch === null) table.fill(1, span.from, span.to);
  else bytes.markHolding(piece, isAtEnd, span, table, scratch);
  const isSure = scratch !== null && isWhole;
  for (let code = table.indexOf(1); code >= 0; code = table.indexOf(1, code + 1)) {
    if (!hasCode(begun, code) || !(isSure || accepts(code))) table[code] = 0;
  }
  return setOfTable(table);
}

/** Of the codes [from, size). */
function tableOf(from: number, size: number, accepts: (code: number) => boolean): CodeSet {
  const table = new Uint8Array(size);
  for (let code = from; code < size; code++) table[code] = Number(accepts(code));
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

/** `make` gives the codes from one on: of a dictionary that grew, those that an earlier snapshot has not seen. */
function remembered(
  { segment, virtualColumns }: Columns,
  filter: Filter,
  { size, isKept }: { readonly size: number; readonly isKept: boolean },
  wanted: Ternary,
  make: (from: number) => CodeSet,
): CodeSet {
  if (size < MIN_REMEMBERED) return make(0);
  const virtual = virtualColumns.map(({ spec }) => spec);
  const more = (earlier: KnownSet | null): KnownSet =>
    earlier === null || !isKept || earlier.size > size
      ? { size, set: make(0) }
      : { size, set: unitedSets(earlier.set, make(earlier.size), size) };
  const name = stringifyJson([filter.spec, virtual, wanted]);
  return cache.get(segment, name, more, ({ size: known }) =>
    isKept ? known >= size : known === size,
  ).set;
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
