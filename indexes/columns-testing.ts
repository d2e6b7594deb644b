import fc from 'fast-check';
import { type Long, SeededRandom, setNull, utf8Encode, writeLong } from '../core/index.js';
import { compareNumbers, holdsAll, Json, type JsonValue, wordsOf } from '../model/index.js';
import { type CodeSet, hasCode } from './codes.js';
import type { CodedColumn, IndexableColumn } from './column.js';
import { jsonConditions, makeDocument } from './json/documents-testing.js';
import type { IndexPredicate } from './types.js';

/** What a row of a test column holds: null, a number, texts (of a single-value column at most one), or a document. */
type Cell = null | Long | readonly (string | null)[] | { readonly document: JsonValue };

/** For tests: a column, and what its rows hold. */
export interface TestColumn {
  readonly column: IndexableColumn;
  readonly cells: readonly Cell[];
  /** Of strings and documents, by code. */
  readonly texts: readonly (string | null)[];
}

const KINDS = ['text', 'lists', 'LONG', 'LONG offsets', 'DOUBLE', 'FLOAT', 'JSON'] as const;
const SHAPES = ['random', 'sorted', 'blocks', 'equal', 'skewed'] as const;

interface ColumnSpec {
  readonly kind: (typeof KINDS)[number];
  readonly rowCount: number;
  readonly distinct: number;
  /** How the values follow each other. */
  readonly shape: (typeof SHAPES)[number];
  readonly hasNulls: boolean;
  readonly seed: number;
}

/** For tests: columns of every kind; empty, one row, some, and more than a zone. */
export const columns: fc.Arbitrary<TestColumn> = fc
  .record<ColumnSpec>({
    kind: fc.constantFrom(...KINDS),
    rowCount: fc.oneof(fc.nat(2), fc.nat(300), fc.integer({ min: 4000, max: 14_000 })),
    distinct: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 9000 })),
    shape: fc.constantFrom(...SHAPES),
    hasNulls: fc.boolean(),
    seed: fc.nat(),
  })
  .map(makeColumn);

function makeColumn(spec: ColumnSpec): TestColumn {
  const random = new SeededRandom(spec.seed);
  const picks = picksOf(spec, random);
  if (spec.kind === 'text' || spec.kind === 'lists') return stringColumn(spec, picks, random);
  if (spec.kind === 'JSON') return jsonColumn(spec, picks);
  return numberColumn(spec, picks, random);
}

const below = (random: SeededRandom, count: number): number => random.nextUint32() % count;

/** By row a number below `distinct`. */
function picksOf({ rowCount, distinct, shape }: ColumnSpec, random: SeededRandom): number[] {
  return Array.from({ length: rowCount }, (_, row) => {
    if (shape === 'equal') return 0;
    if (shape === 'sorted') return Math.floor((row * distinct) / rowCount);
    if (shape === 'blocks') return Math.floor(row / 700) % distinct;
    const pick = below(random, distinct);
    return shape === 'skewed' && below(random, 3) > 0 ? 0 : pick;
  });
}

const TEXT_PARTS = ['', 'a', 'Zürich', 'the quick', 'ÄPFEL 7', '\u{1F600}x', 'b_c', '-'];

function stringColumn(
  { kind, rowCount, hasNulls }: ColumnSpec,
  picks: readonly number[],
  random: SeededRandom,
): TestColumn {
  const textOf = (pick: number) => `${TEXT_PARTS[pick % TEXT_PARTS.length]} ${pick}`.trim();
  const cells = picks.map((pick): (string | null)[] => {
    const element = (by: number) => (hasNulls && (pick + by) % 5 === 3 ? null : textOf(pick + by));
    if (kind === 'text') return [element(0)];
    return Array.from({ length: below(random, 4) }, (_, i) => element(i % 2));
  });
  const used = new Set(cells.flat());
  const texts = [...used].filter((text) => text !== null).sort(byUtf8);
  const all = used.has(null) ? [null, ...texts] : texts;
  const codeOf = new Map(all.map((text, code) => [text, code]));
  const dictionary = { size: all.length, hasNull: used.has(null), texts: () => textsOf(all) };
  const codes = cells.map((cell) => cell.map((text) => codeOf.get(text)!));
  const column: CodedColumn = {
    kind: 'STRING',
    rowCount,
    ...dictionary,
    ...(kind === 'text' ? plainIds(codes) : listIds(codes)),
  };
  return { column, cells, texts: all };
}

const byUtf8 = (a: string, b: string): number => Buffer.compare(utf8Encode(a), utf8Encode(b));

function textsOf(texts: readonly (string | null)[]) {
  const encoded = texts.map((text) => utf8Encode(text ?? ''));
  const offsets = new Uint32Array(texts.length + 1);
  for (const [i, bytes] of encoded.entries()) offsets[i + 1] = offsets[i]! + bytes.length;
  return { bytes: Uint8Array.from(Buffer.concat(encoded)), offsets };
}

/** Ids may be longer than the rows, as room that is used again is. */
const plainIds = (codes: readonly number[][]) => ({
  ids: Uint16Array.from([...codes.map(([code]) => code!), 77]),
  lists: null,
});

function listIds(codes: readonly number[][]) {
  const ids = new Map<string, number>();
  const lists: number[][] = [];
  const rows = codes.map((list) => {
    const key = list.join();
    const id = ids.get(key) ?? lists.push(list) - 1;
    ids.set(key, id);
    return id;
  });
  const offsets = new Uint32Array(lists.length + 1);
  for (const [i, list] of lists.entries()) offsets[i + 1] = offsets[i]! + list.length;
  return { ids: Uint32Array.from(rows), lists: { offsets, codes: Uint32Array.from(lists.flat()) } };
}

function jsonColumn({ rowCount, hasNulls }: ColumnSpec, picks: readonly number[]): TestColumn {
  const documents = picks.map((pick) => (hasNulls && pick % 5 === 3 ? null : makeDocument(pick)));
  const texts = documents.map((document) => Json.of(document)?.text ?? null);
  const distinct = [...new Set(texts)].filter((text) => text !== null).sort(byUtf8);
  const all = texts.includes(null) ? [null, ...distinct] : distinct;
  const codeOf = new Map(all.map((text, code) => [text, code]));
  const column: IndexableColumn = {
    kind: 'JSON',
    rowCount,
    ids: Uint32Array.from(texts, (text) => codeOf.get(text)!),
    size: all.length,
    hasNull: all[0] === null,
    texts: () => textsOf(all),
  };
  return { column, cells: documents.map((document) => ({ document })), texts: all };
}

const WIDE: readonly Long[] = [0, -1, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 7];
const FRACTIONS = [
  0,
  -0,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -3.25,
];

function numberColumn(
  { kind, rowCount, hasNulls }: ColumnSpec,
  picks: readonly number[],
  random: SeededRandom,
): TestColumn {
  const numberAt = (pick: number): Long => {
    if (kind === 'LONG offsets') return 1e12 + pick;
    if (pick >= WIDE.length || below(random, 2) === 0) return pick * 3;
    return kind === 'LONG' ? WIDE[pick]! : FRACTIONS[pick]!;
  };
  const nulls = hasNulls ? new Uint8Array(Math.ceil(rowCount / 8)) : null;
  const values = picks.map(numberAt);
  const cells = values.map((value, row): Cell => {
    if (nulls === null || below(random, 5) > 0) return value;
    setNull(nulls, row);
    return null;
  });
  const head = { rowCount, nulls };
  return { column: numbers(kind, head, values), cells, texts: [] };
}

function numbers(
  kind: ColumnSpec['kind'],
  head: { rowCount: number; nulls: Uint8Array | null },
  values: readonly Long[],
): IndexableColumn {
  if (kind === 'LONG offsets') {
    const offsets = Uint16Array.from(values, (value) => Number(value) - 1e12);
    return { kind: 'LONG', layout: 'offsets', base: 1e12, offsets, ...head };
  }
  if (kind === 'LONG') {
    const words = new Uint32Array(2 * values.length);
    for (const [row, value] of values.entries()) writeLong(words, 2 * row, value);
    return { kind: 'LONG', layout: 'words', words, ...head };
  }
  return kind === 'FLOAT'
    ? { kind, values: Float32Array.from(values, Number), ...head }
    : { kind: 'DOUBLE', values: Float64Array.from(values, Number), ...head };
}

/** For tests: predicates that tell something of the column, and some of the wrong kind for it. */
export function predicatesOf({ column, cells, texts }: TestColumn): fc.Arbitrary<IndexPredicate> {
  const size = column.kind === 'STRING' ? column.size + 2 : 5;
  const some = <T>(values: readonly T[], other: T) =>
    values.length === 0 ? fc.constant(other) : fc.constantFrom(...values, other);
  const present = cells.filter((cell) => typeof cell === 'number' || typeof cell === 'bigint');
  const number = some(present.slice(0, 200), 12.5);
  const codes = fc.oneof(codeRanges(size), codeTables(size));
  const text = some(texts.filter((each) => each !== null).slice(0, 500), 'no such text');
  const words = some(
    texts.slice(0, 200).flatMap((each) => wordsOf(each ?? '')),
    'nowhere',
  );
  const weight = (isLikely: boolean) => (isLikely ? 6 : 1);
  const isString = column.kind === 'STRING';
  return fc.oneof(
    {
      weight: weight(isString),
      arbitrary: fc.record({ kind: fc.constant('codes' as const), codes }),
    },
    {
      weight: weight(isString),
      arbitrary: fc.record({
        kind: fc.constant('texts' as const),
        texts: fc.array(text, { maxLength: 3 }),
      }),
    },
    {
      weight: weight(!isString),
      arbitrary: fc.record({
        kind: fc.constant('numbers' as const),
        ranges: fc.array(numberRange(number), { maxLength: 2 }),
        points: fc.array(number, { maxLength: 2 }),
      }),
    },
    { weight: weight(!isString), arbitrary: fc.constant({ kind: 'nulls' as const }) },
    {
      weight: weight(column.kind === 'JSON'),
      arbitrary: fc.record({ kind: fc.constant('json' as const), conditions: jsonConditions }),
    },
    {
      weight: weight(isString),
      arbitrary: fc.record({
        kind: fc.constant('words' as const),
        words: fc.array(words, { minLength: 1, maxLength: 3 }),
        mode: fc.constantFrom('all' as const, 'any' as const),
      }),
    },
  );
}

const numberRange = (number: fc.Arbitrary<Long>) =>
  fc.record({
    lower: fc.option(number),
    upper: fc.option(number),
    lowerStrict: fc.boolean(),
    upperStrict: fc.boolean(),
  });

const codeRanges = (size: number): fc.Arbitrary<CodeSet> =>
  fc.array(fc.tuple(fc.nat(size), fc.nat(4)), { maxLength: 3 }).map((spans) => {
    const ranges: { from: number; to: number }[] = [];
    for (const [from, length] of spans.sort(([a], [b]) => a - b)) {
      if (from > (ranges.at(-1)?.to ?? -1)) ranges.push({ from, to: from + 1 + length });
    }
    return { kind: 'ranges', ranges };
  });

const codeTables = (size: number): fc.Arbitrary<CodeSet> =>
  fc.uint8Array({ maxLength: Math.min(size, 3000), max: 1 }).map((table) => ({
    kind: 'table',
    table,
  }));

/** For tests: the rows that a scan finds; null for a predicate that is not of the column's kind. */
export function scan(
  { column, cells, texts }: TestColumn,
  predicate: IndexPredicate,
): number[] | null {
  const isString = column.kind === 'STRING';
  const isNumber = !isString && column.kind !== 'JSON';
  const found = (test: (cell: Cell) => boolean) =>
    cells.flatMap((cell, row) => (test(cell) ? [row] : []));
  const any = (test: (text: string) => boolean) => (cell: Cell) =>
    (cell as readonly (string | null)[]).some((text) => text !== null && test(text));
  switch (predicate.kind) {
    case 'codes': {
      if (!isString) return null;
      const codeOf = new Map(texts.map((text, code) => [text, code]));
      return found((cell) => {
        const list = cell as readonly (string | null)[];
        const codes = list.length === 0 ? [column.size] : list.map((text) => codeOf.get(text)!);
        return codes.some((code) => hasCode(predicate.codes, code));
      });
    }
    case 'texts':
      return isString ? found(any((text) => predicate.texts.includes(text))) : null;
    case 'words': {
      if (!isString) return null;
      const { words, mode } = predicate;
      return found(
        any((text) => {
          const own = wordsOf(text);
          return mode === 'all'
            ? words.every((word) => own.includes(word))
            : words.some((word) => own.includes(word));
        }),
      );
    }
    case 'nulls':
      return isNumber ? found((cell) => cell === null) : null;
    case 'numbers':
      return isNumber ? found((cell) => cell !== null && passes(cell as Long, predicate)) : null;
    case 'json':
      return column.kind === 'JSON'
        ? found((cell) =>
            holdsAll((cell as { document: JsonValue }).document, predicate.conditions),
          )
        : null;
  }
}

function passes(
  value: Long,
  { ranges, points }: Extract<IndexPredicate, { kind: 'numbers' }>,
): boolean {
  if (points.some((point) => compareNumbers(value, point) === 0)) return true;
  return ranges.some(({ lower, upper, lowerStrict, upperStrict }) => {
    const above = lower === null ? 1 : compareNumbers(value, lower);
    const below = upper === null ? -1 : compareNumbers(value, upper);
    return (lowerStrict ? above > 0 : above >= 0) && (upperStrict ? below < 0 : below <= 0);
  });
}

/** For tests: the same columns each time, of every kind and shape. */
export const exampleColumns: readonly TestColumn[] = KINDS.flatMap((kind) =>
  SHAPES.flatMap((shape) =>
    [7, 6000].map((distinct) =>
      makeColumn({ kind, shape, distinct, rowCount: 9000, hasNulls: false, seed: 1 }),
    ),
  ),
);
