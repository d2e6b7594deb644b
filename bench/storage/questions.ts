import { isNull, type Long, utf8Decode } from '../../core/index.js';
import type { CodedColumn, IndexableColumn, IndexPredicate } from '../../indexes/index.js';
import { longAt } from '../../indexes/range/long-at.js';
import { wordsOf } from '../../model/index.js';

/** Something to ask the indexes of a column. */
export interface Question {
  /** What is looked for. */
  readonly name: string;
  readonly predicate: IndexPredicate;
  /** Rows that it holds for, counted without any index; null where that is not worth the code. */
  readonly expected: number | null;
}

type NumberColumn = Exclude<IndexableColumn, { kind: 'STRING' | 'JSON' }>;

/** Points, ranges of several shares of the rows, and words: what suits the column. */
export function questionsOf(column: IndexableColumn): Question[] {
  switch (column.kind) {
    case 'STRING':
      return [...codeQuestions(column), ...textQuestions(column), ...wordQuestions(column)];
    case 'JSON':
      return [
        {
          name: 'a value at a path',
          predicate: { kind: 'json', conditions: [{ path: ['user', 'age'], value: 33 }] },
          expected: null,
        },
        {
          name: 'two conditions on one element',
          predicate: {
            kind: 'json',
            conditions: [
              { path: ['items', null, 'sku'], value: 7 },
              { path: ['items', null, 'count'], value: 2 },
            ],
          },
          expected: null,
        },
      ];
    default:
      return numberQuestions(column);
  }
}

/** How many rows have each code, in whatever element. */
function rowsPerCode({ ids, rowCount, size, lists }: CodedColumn): Uint32Array {
  const counts = new Uint32Array(size);
  for (let row = 0; row < rowCount; row++) {
    const id = ids[row]!;
    if (lists === null) counts[id]!++;
    else {
      const codes = lists.codes.subarray(lists.offsets[id]!, lists.offsets[id + 1]!);
      for (const code of new Set(codes)) counts[code]!++;
    }
  }
  return counts;
}

function codeQuestions(column: CodedColumn): Question[] {
  const counts = rowsPerCode(column);
  const most = counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
  const codes = (from: number, to: number): IndexPredicate => ({
    kind: 'codes',
    codes: { kind: 'ranges', ranges: [{ from, to }] },
  });
  const ranges = SHARES.flatMap(({ share, name }) => {
    const to = Math.floor(share * column.size);
    const isTold = column.lists === null;
    const expected = counts.subarray(0, to).reduce((sum, count) => sum + count, 0);
    return to < 2
      ? []
      : [
          {
            name: `${name} of the codes`,
            predicate: codes(0, to),
            expected: isTold ? expected : null,
          },
        ];
  });
  const point = { name: 'one code', predicate: codes(most, most + 1), expected: counts[most]! };
  return [point, ...ranges];
}

const SHARES = [
  { share: 0.001, name: '0.1 %' },
  { share: 0.01, name: '1 %' },
  { share: 0.1, name: '10 %' },
] as const;

function textQuestions(column: CodedColumn): Question[] {
  const text = textAt(column, column.size >>> 1);
  const absent: IndexPredicate = { kind: 'texts', texts: [`${text} not`] };
  return [
    { name: 'a text', predicate: { kind: 'texts', texts: [text] }, expected: null },
    { name: 'a text that is not there', predicate: absent, expected: 0 },
  ];
}

function textAt(column: CodedColumn, code: number): string {
  const { bytes, offsets } = column.texts();
  return utf8Decode(bytes.subarray(offsets[code]!, offsets[code + 1]!));
}

function wordQuestions(column: CodedColumn): Question[] {
  const counts = new Map<string, number>();
  const rows = rowsPerCode(column);
  for (let code = 0; code < column.size; code++) {
    for (const word of wordsOf(textAt(column, code))) {
      counts.set(word, (counts.get(word) ?? 0) + rows[code]!);
    }
  }
  const byCount = [...counts].sort((a, b) => a[1] - b[1]);
  const isTold = column.lists === null;
  const ask = (name: string, [word, count]: readonly [string, number]): Question => ({
    name,
    predicate: { kind: 'words', words: [word], mode: 'all' },
    expected: isTold ? count : null,
  });
  const both = byCount.slice(-2).map(([word]) => word);
  return [
    ask('a rare word', byCount[0]!),
    ask('a frequent word', byCount.at(-1)!),
    {
      name: 'two frequent words',
      predicate: { kind: 'words', words: both, mode: 'all' },
      expected: null,
    },
  ];
}

function numberQuestions(column: NumberColumn): Question[] {
  const sorted = valuesOf(column).sort((a, b) => Number(a) - Number(b));
  const countOf = (holds: (value: number) => boolean) =>
    sorted.reduce<number>((count, value) => count + (holds(Number(value)) ? 1 : 0), 0);
  const middle = sorted[sorted.length >>> 1]!;
  const point: Question = {
    name: 'one number',
    predicate: { kind: 'numbers', ranges: [], points: [middle] },
    expected: countOf((value) => value === Number(middle)),
  };
  const ranges = SHARES.flatMap(({ share, name }): Question[] => {
    const from = Math.floor(0.4 * sorted.length);
    const [lower, upper] = [sorted[from]!, sorted[from + Math.floor(share * sorted.length)]!];
    if (lower >= upper) return [];
    const range = { lower, upper, lowerStrict: false, upperStrict: true };
    return [
      {
        name: `a range of ${name}`,
        predicate: { kind: 'numbers', ranges: [range], points: [] },
        expected: countOf((value) => value >= Number(lower) && value < Number(upper)),
      },
    ];
  });
  return [point, ...ranges];
}

function valuesOf(column: NumberColumn): Long[] {
  const values: Long[] = [];
  for (let row = 0; row < column.rowCount; row++) {
    if (column.nulls !== null && isNull(column.nulls, row)) continue;
    values.push(column.kind === 'LONG' ? longAt(column, row)! : column.values[row]!);
  }
  return values;
}
