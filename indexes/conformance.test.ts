import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError } from '../core/index.js';
import { draws } from '../core/testing.js';
import { columns, exampleColumns, predicatesOf, scan, type TestColumn } from './columns-testing.js';
import { indexKinds } from './registry.js';
import { countRows, rowsIn } from './rows/row-set.js';
import { TestBlocks } from './testing.js';
import type { EncodingParameters, IndexKind, IndexPredicate } from './types.js';

/** Far beyond every row: what an index tells is looked at as a whole. */
const ANY_ROW = 2 ** 32 - 1;

function build(kind: IndexKind, { column }: TestColumn) {
  const blocks = new TestBlocks();
  const parameters = kind.build(column, blocks);
  if (parameters !== null) return { blocks, parameters };
  expect(blocks.contents.size, 'an index that is not worth it writes nothing').toBe(0);
  return null;
}

const columnAndPredicates = columns.chain((testColumn) =>
  fc.record({
    testColumn: fc.constant(testColumn),
    predicates: fc.array(predicatesOf(testColumn), { minLength: 1, maxLength: 4 }),
  }),
);

/** What every kind of index promises, whatever it is; see `types.ts`. */
describe.each(indexKinds().map((kind) => ({ name: kind.name, kind })))('$name', ({ kind }) => {
  test('answers as a scan does, or with more rows where it says so', () => {
    fc.assert(
      fc.property(columnAndPredicates, ({ testColumn, predicates }) => {
        const built = build(kind, testColumn);
        if (built === null) return;
        const { rowCount } = testColumn.column;
        const { blocks, parameters } = built;
        expect(kind.check(blocks.written(parameters), rowCount)).toBe(null);
        const index = kind.attach(blocks.loaded(rowCount, parameters));
        for (const predicate of predicates) {
          const expected = scan(testColumn, predicate);
          const estimate = index.estimate(predicate);
          const answer = index.rows(predicate);
          const guess = index.guess?.(predicate) ?? null;
          if (expected === null) {
            expect([estimate, answer, guess], 'of another kind of column').toEqual([
              null,
              null,
              null,
            ]);
            continue;
          }
          if (guess !== null) {
            expect(guess).toBeGreaterThanOrEqual(0);
            expect(guess).toBeLessThanOrEqual(rowCount);
          }
          if (estimate !== null) {
            expect(estimate).toBeGreaterThanOrEqual(expected.length);
            expect(estimate).toBeLessThanOrEqual(rowCount);
          }
          if (answer === null) continue;
          const rows = rowsIn(answer.rows, 0, ANY_ROW);
          expect(rows.length).toBe(countRows(answer.rows));
          if (answer.exact) expect([...rows]).toEqual(expected);
          else expectAllOf(rows, expected, rowCount);
        }
      }),
      { numRuns: draws(80) },
    );
  });

  test('is built for some columns, and answers', () => {
    const told = { estimates: 0, rows: 0, sketches: 0 };
    for (const testColumn of exampleColumns) {
      const built = build(kind, testColumn);
      if (built === null) continue;
      const { blocks, parameters } = built;
      const index = kind.attach(blocks.loaded(testColumn.column.rowCount, parameters));
      if (index.sketch !== undefined && index.sketch() !== null) told.sketches++;
      for (const predicate of fc.sample(predicatesOf(testColumn), { numRuns: 30, seed: 1 })) {
        const estimate = index.estimate(predicate) ?? index.guess?.(predicate) ?? null;
        if (estimate !== null) told.estimates++;
        const answer = index.rows(predicate);
        if (answer !== null && countRows(answer.rows) > 0) told.rows++;
      }
    }
    const tells = (what: keyof typeof told) => told[what] > 0;
    const all = ['estimates', 'rows', 'sketches'] as const;
    expect(all.filter(tells)).toEqual(TELLS[kind.name] ?? ['estimates', 'rows']);
  });

  test('writes the same bytes for the same column', () => {
    fc.assert(
      fc.property(columns, (testColumn) => {
        expect(isDeepStrictEqual(build(kind, testColumn), build(kind, testColumn))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('refuses a directory whose blocks or parameters are not its own', () => {
    const check = (testColumn: TestColumn, change: Change) => {
      const built = build(kind, testColumn);
      if (built === null) return;
      const { blocks, parameters } = changed(built, change);
      const written = blocks.written(parameters);
      const detail = kind.check(written, testColumn.column.rowCount);
      if (detail === null) {
        const loaded = blocks.loaded(testColumn.column.rowCount, parameters);
        askAll(kind, testColumn, loaded, [{ kind: 'nulls' }]);
      } else expect(detail).not.toBe('');
    };
    fc.assert(fc.property(columns, change, check), { numRuns: draws(40) });
  });

  test('with damaged bytes tells rows of the segment, if other ones', () => {
    fc.assert(
      fc.property(columnAndPredicates, damage, ({ testColumn, predicates }, changes) => {
        const built = build(kind, testColumn);
        if (built === null) return;
        const { blocks, parameters } = built;
        const contents = [...blocks.contents.values()].filter(({ length }) => length > 0);
        for (const { block, at, byte } of changes) {
          const content = contents[block % contents.length];
          if (content !== undefined) content[at % content.length] = byte;
        }
        askAll(kind, testColumn, blocks.loaded(testColumn.column.rowCount, parameters), predicates);
      }),
      { numRuns: draws(40) },
    );
  });
});

/** What kinds tell that do not tell how many rows and which ones, and no more. */
const TELLS: Readonly<Record<string, readonly string[]>> = {
  bloom: ['estimates'],
  hll: ['sketches'],
  countMin: ['estimates', 'sketches'],
  kll: ['estimates', 'sketches'],
};

const damage = fc.array(fc.record({ block: fc.nat(7), at: fc.nat(), byte: fc.nat(255) }), {
  minLength: 1,
  maxLength: 12,
});

type Change = { readonly what: 'drop' | 'cut' | 'grow' | 'parameter'; readonly which: number };
const change: fc.Arbitrary<Change> = fc.record({
  what: fc.constantFrom('drop', 'cut', 'grow', 'parameter'),
  which: fc.nat(7),
});

interface Built {
  readonly blocks: TestBlocks;
  readonly parameters: EncodingParameters;
}

function changed({ blocks, parameters }: Built, { what, which }: Change): Built {
  if (what === 'parameter') {
    const names = Object.keys(parameters);
    const name = names[which % names.length]!;
    const others = [undefined, -1, 1.5, 2 ** 31, 'x', 3];
    return {
      blocks,
      parameters: { ...parameters, [name]: others[which % others.length] as number },
    };
  }
  const names = [...blocks.contents.keys()];
  const name = names[which % names.length]!;
  const content = blocks.contents.get(name)!;
  if (what === 'drop') blocks.contents.delete(name);
  else if (what === 'cut') blocks.contents.set(name, content.subarray(0, content.length - 1));
  else blocks.contents.set(name, Uint8Array.from([...content, 0]));
  return { blocks, parameters };
}

function askAll(
  kind: IndexKind,
  { column: { rowCount } }: TestColumn,
  loaded: Parameters<IndexKind['attach']>[0],
  predicates: readonly IndexPredicate[],
): void {
  const index = kind.attach(loaded);
  try {
    index.sketch?.();
  } catch (error) {
    if (!(error instanceof CorruptSketchError)) throw error;
  }
  for (const predicate of predicates) {
    expect(index.estimate(predicate) ?? 0).toBeLessThanOrEqual(rowCount);
    expect(index.guess?.(predicate) ?? 0).toBeLessThanOrEqual(rowCount);
    const answer = index.rows(predicate);
    if (answer === null) continue;
    const rows = rowsIn(answer.rows, 0, ANY_ROW);
    expect(rows.every((row, i) => row < rowCount && (i === 0 || rows[i - 1]! < row))).toBe(true);
  }
}

function expectAllOf(rows: Uint32Array, expected: readonly number[], rowCount: number): void {
  const isThere = new Uint8Array(rowCount);
  for (const row of rows) isThere[row] = 1;
  expect(expected.filter((row) => isThere[row] === 0)).toEqual([]);
}
