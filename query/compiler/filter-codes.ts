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
  hasCode,
  othersThan,
  setOfTable,
  spanOfSet,
  unitedSets,
  withCode,
} from './code-set.js';
import { type CodeColumn, type CodeSource, type Columns, keepsCodes } from './columns.js';
import { isPiece, type TextBytes } from './text-bytes.js';

/** A set of the codes below a size. */
interface KnownSet {
  readonly size: number;
  readonly set: CodeSet;
}

/** Of this thread. */
const cache = new CodeCache<KnownSet>(({ set }) => bytesOfSet(set));

/** Of columns with fewer codes a set is as soon made as found. */
const MIN_REMEMBERED = 1024;

/** The codes of a column for which a filter that reads nothing else is `wanted`: the interpreter is asked once per code. */
export function codesOfFilter(
  columns: Columns,
  filter: Filter,
  column: CodeColumn,
  wanted: Ternary,
): CodeSet {
  const codes = { size: column.size, isKept: keepsCodes(column) };
  return remembered(columns, filter, codes, wanted, (from) => {
    const answers = answersOf(columns, filter, column);
    return tableOf(from, column.size, (code) => answers(code) === wanted);
  });
}

/** The same of codes that are computed: `source` stands on one of them. */
export function codesOfSource(
  columns: Columns,
  filter: Filter,
  size: number,
  source: CodeSource,
  wanted: Ternary,
): CodeSet {
  // Codes that several columns share are others when one of these grows.
  return remembered(columns, filter, { size, isKept: false }, wanted, () => {
    const predicate = filter.predicate(source);
    return tableOf(0, size, (each) => {
      source.code = each;
      return predicate() === wanted;
    });
  });
}

/** The same of a dictionary of texts, by their bytes; null where they are not at hand. */
export function codesOfTexts(
  columns: Columns,
  filter: Filter,
  test: TextTest,
  column: CodeColumn,
  wanted: Ternary,
): CodeSet | null {
  const all = columns.textBytes(column);
  if (all === null) return null;
  const { hasNull } = all;
  const { size } = column;
  let answers: ((code: number) => Ternary) | null = null;
  const answer = (code: number): Ternary => {
    answers ??= answersOf(columns, filter, column);
    return answers(code);
  };
  const make = (from: number): CodeSet => {
    const bytes = from === 0 ? all : columns.textBytes(column, from)!;
    const named = codesNamed(columns, test, bytes, size, (code) => answer(code) === TRUE);
    const first = Math.max(from, hasNull ? 1 : 0);
    const set = wanted === TRUE ? named : othersThan(named, first, size);
    return from === 0 && hasNull && test.forNull === wanted ? withCode(set, 0, size) : set;
  };
  return test.kind === 'pattern' || !all.isSorted
    ? remembered(columns, filter, { size, isKept: true }, wanted, make)
    : make(0);
}

/** The texts for which the test is TRUE; `accepts` tells where bytes do not. */
export function codesNamed(
  columns: Columns,
  test: TextTest,
  bytes: TextBytes,
  size: number,
  accepts: (code: number) => boolean,
): CodeSet {
  switch (test.kind) {
    case 'points':
      return bytes.equal(test.texts);
    case 'range':
      return bytes.within(test.range);
    case 'pattern':
      return matching(columns, test.pattern, size, bytes, accepts);
  }
}

/** The bytes tell which texts may match; where that is not all, or there is no room to search, `accepts` tells which do. */
function matching(
  columns: Columns,
  { prefix, piece, isAtEnd, isWhole }: TextPattern,
  size: number,
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
