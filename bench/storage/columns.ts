import { SeededRandom, writeLong } from '../../core/index.js';
import { complexType, Json } from '../../model/index.js';
import { textListOf } from '../../segments/encodings/text-dictionary.js';
import type { Vector } from '../../segments/encodings/vector.js';
import { HyperLogLog } from '../../sketches/index.js';

/** A made-up column. */
export interface ExampleColumn {
  readonly name: string;
  vector(rowCount: number): Vector;
}

type At = (random: number, row: number) => number;

const randoms = (rowCount: number): Uint32Array => {
  const random = new SeededRandom(1);
  return Uint32Array.from({ length: rowCount }, () => random.nextUint32());
};

/** Numbers by row, of a random number in [0, 2^32) and the row. */
const numbers = (rowCount: number, at: At): Float64Array =>
  Float64Array.from(randoms(rowCount), (random, row) => at(random, row));

const long = (name: string, at: At): ExampleColumn => ({
  name: `LONG, ${name}`,
  vector(rowCount) {
    const words = new Uint32Array(2 * rowCount);
    for (const [row, value] of numbers(rowCount, at).entries()) writeLong(words, 2 * row, value);
    return { kind: 'LONG', layout: 'words', rowCount, words, nulls: null };
  },
});

const double = (name: string, at: At): ExampleColumn => ({
  name: `DOUBLE, ${name}`,
  vector: (rowCount) => ({ kind: 'DOUBLE', rowCount, values: numbers(rowCount, at), nulls: null }),
});

const float = (name: string, at: At): ExampleColumn => ({
  name: `FLOAT, ${name}`,
  vector: (rowCount) => ({
    kind: 'FLOAT',
    rowCount,
    values: Float32Array.from(numbers(rowCount, at)),
    nulls: null,
  }),
});

/** Which of so many values each row has, as ranks of those that are there. */
function ranksOf(rowCount: number, distinct: number, at: At): { used: number[]; ids: Uint32Array } {
  const picks = Uint32Array.from(randoms(rowCount), (random, row) => at(random, row) % distinct);
  const used = [...new Set(picks)].sort((a, b) => a - b);
  const rankOf = new Uint32Array(distinct);
  for (const [rank, pick] of used.entries()) rankOf[pick] = rank;
  return { used, ids: picks.map((pick) => rankOf[pick]!) };
}

/** Eight digits, so that texts sort as their numbers do. */
const digits = (number: number): string => String(number).padStart(8, '0');

/** Sorted as the numbers are that they are made of. */
const text = (
  name: string,
  distinct: number,
  textOf: (pick: number) => string,
  at: At = (random) => random,
): ExampleColumn => ({
  name: `STRING, ${name}`,
  vector(rowCount) {
    const { used, ids } = ranksOf(rowCount, distinct, at);
    return { kind: 'STRING', rowCount, cells: textListOf(used.map(textOf)), ids };
  },
});

const WORDS = 'time river stone leaf layer grain field cloud season light water sand'
  .split(' ')
  .sort();

/** Words that most texts have, and one that few have. */
const sentence = (pick: number): string =>
  `${digits(pick)} ${[0, 3, 6, 9].map((shift) => WORDS[(pick >>> shift) % WORDS.length]).join(' ')} no${pick % 5000}`;

const tagLists: ExampleColumn = {
  name: 'STRING, lists of 2 or 3 of 40 tags',
  vector(rowCount) {
    const { used, ids } = ranksOf(rowCount, 4000, (random) => random);
    const tag = (pick: number) => `tag${digits(pick % 40)}`;
    const cells = used.map((pick) => [
      `tag${digits(Math.floor(pick / 100))}`,
      tag(pick),
      ...(pick % 2 === 0 ? [tag(pick * 7)] : []),
    ]);
    return { kind: 'STRING', rowCount, cells, ids };
  },
};

const array = (
  type: 'ARRAY<STRING>' | 'ARRAY<LONG>' | 'ARRAY<DOUBLE>',
  element: (pick: number) => string | number,
): ExampleColumn => ({
  name: `${type}, of 1 or 2, 1,000 distinct`,
  vector(rowCount) {
    const { used, ids } = ranksOf(rowCount, 1000, (random) => random);
    const cells = used.map((pick) => [
      element(pick),
      ...(pick % 2 === 0 ? [element(pick % 30)] : []),
    ]);
    return { kind: 'ARRAY', type, rowCount, cells, ids };
  },
});

const documents: ExampleColumn = {
  name: 'JSON, 5,000 distinct documents',
  vector(rowCount) {
    const { used, ids } = ranksOf(rowCount, 5000, (random) => random);
    const documentOf = (pick: number) => ({
      id: digits(pick),
      user: { country: WORDS[pick % 12]!, age: pick % 70 },
      items: [{ sku: pick % 300, count: pick % 5 }],
    });
    const texts = used.map((pick) => Json.of(documentOf(pick))!.text);
    return { kind: 'JSON', rowCount, texts: textListOf(texts), ids, paths: 'none' };
  },
};

const sketches: ExampleColumn = {
  name: 'COMPLEX<hyperUnique>, of 3 texts',
  vector(rowCount) {
    const { encode } = complexType('hyperUnique');
    // As many as one can wait for.
    const some = Array.from({ length: 1000 }, (_, i) => {
      const sketch = new HyperLogLog();
      for (let k = 0; k < 3; k++) sketch.addText(`${i} ${k}`);
      return encode(sketch);
    });
    const bytes = (row: number) => some[row % some.length]!;
    return { kind: 'COMPLEX', type: 'COMPLEX<hyperUnique>', rowCount, bytes };
  },
};

/** Columns for every encoding and every kind of index. */
export const EXAMPLES: readonly ExampleColumn[] = [
  text('50 channels', 50, (pick) => `channel ${digits(pick)}`),
  text('50,000 URLs', 50_000, (pick) => `https://example.org/page/${digits(pick)}.html`),
  text('50,000 sentences', 50_000, sentence),
  text(
    '1,000 in order',
    1000,
    (pick) => `host ${digits(pick)}`,
    (_, row) => Math.floor(row / 1024),
  ),
  tagLists,
  long('all alike', () => 42),
  long('times in order', (_, row) => 1_700_000_000_000 + 37 * row),
  long('below 200', (random) => random % 200),
  long('below 60,000', (random) => random % 60_000),
  long('whole minutes', (random) => 60_000 * (random % 10_000)),
  long('below 2^52', (random, row) => random * 2 ** 20 + (row % 2 ** 20)),
  long('100 that are far apart', (random) => (random % 100) ** 2 * 2 ** 38 + (random % 100)),
  double('all alike', () => 2.5),
  double('prices', (random) => (random % 10_000_000) / 100),
  double('measurements', (random) => Math.sqrt(random)),
  double('100 distinct', (random) => (random % 100) / 8),
  float('all alike', () => 2.5),
  float('measurements', (random) => Math.sqrt(random)),
  float('100 distinct', (random) => (random % 100) / 8),
  array('ARRAY<STRING>', (pick) => `tag${digits(pick)}`),
  array('ARRAY<LONG>', (pick) => pick),
  array('ARRAY<DOUBLE>', (pick) => pick / 8),
  documents,
  sketches,
];
