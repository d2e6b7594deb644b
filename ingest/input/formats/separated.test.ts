import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entityOf, readAll } from '../testing.js';
import { parseInputFormat } from './registry.js';

const format = (settings: object) => parseInputFormat(settings, 'inputFormat');
const NAMES = ['a', 'b', 'c'];
const cuts = fc.array(fc.nat(400), { maxLength: 8 });

/** Undefined where a cell stands for nothing. */
const cell = fc.oneof(
  fc.constant(null),
  fc
    .array(fc.constantFrom('x', 'é', '😀', ' ', ',', '"', '\t', "'"), { maxLength: 5 })
    .map((parts) => parts.join('')),
);

const row = (cells: readonly (string | null)[]) =>
  Object.fromEntries(cells.slice(0, NAMES.length).map((value, i) => [NAMES[i], value]));

test('csv reads what RFC 4180 writes, chunked anyhow', async () => {
  const quote = (text: string | null) =>
    text === null
      ? ''
      : /[",]/.test(text) || text === ''
        ? `"${text.replaceAll('"', '""')}"`
        : text;
  const line = fc
    .array(cell, { minLength: 1, maxLength: 5 })
    .filter((cells) => cells.length > 1 || cells[0] !== null);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), cuts, async (lines, at) => {
      const text = lines.map((cells) => cells.map(quote).join(',')).join('\r\n');
      const { rows, bad } = await readAll(
        format({ type: 'csv', columns: NAMES }),
        entityOf(text, at),
      );
      expect(bad).toEqual([]);
      expect(rows).toEqual(lines.map(row));
    }),
    { numRuns: 300 },
  );
});

test('csv lines with quotes anywhere are read as if each stood alone', async () => {
  const line = fc
    .array(fc.constantFrom('a', '"', '""', ',', ' '), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
      const alone = lines.map((text) => {
        try {
          const [cells] = parse(text, {
            relax_quotes: true,
            relax_column_count: true,
          }) as string[][];
          return (cells ?? []).slice(0, 3);
        } catch {
          return null;
        }
      });
      const { rows, bad } = await readAll(
        format({ type: 'csv', columns: NAMES }),
        entityOf(lines.join('\n')),
      );
      const cells = rows.map((one) => Object.values(one).map((value) => value ?? ''));
      expect(cells).toEqual(alone.filter((one) => one !== null));
      expect(bad.length).toBe(alone.filter((one) => one === null).length);
    }),
    { numRuns: 500 },
  );
});

test('tsv splits and knows no quotes, chunked anyhow', async () => {
  const plain = cell.map((text) => text?.replaceAll('\t', '') || null);
  const line = fc.array(plain, { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), cuts, async (lines, at) => {
      const text = lines.map((cells) => cells.map((one) => one ?? '').join('\t')).join('\n');
      const { rows } = await readAll(format({ type: 'tsv', columns: NAMES }), entityOf(text, at));
      expect(rows).toEqual(lines.map(row));
    }),
  );
});

test('an empty field is null, a quoted empty one is a text, missing ones are absent', async () => {
  const { rows } = await readAll(format({ type: 'csv', columns: NAMES }), entityOf(',"",x,y\n1'));
  expect(rows).toEqual([{ a: null, b: '', c: 'x' }, { a: '1' }]);
});

test('the header is read after the skipped lines, in every file anew', async () => {
  const csv = format({
    type: 'csv',
    columns: ['z'],
    findColumnsFromHeader: true,
    skipHeaderRows: 1,
  });
  const text = 'about "this\nx,,"y,1"\n1,2,3';
  for (const cut of [[], [3], [14, 20]]) {
    const { rows } = await readAll(csv, entityOf(text, cut));
    expect(rows).toEqual([{ x: '1', column_2: '2', 'y,1': '3' }]);
  }
});

test('a value with the list delimiter is a list', async () => {
  const csv = { type: 'csv', columns: NAMES };
  const byDefault = await readAll(format(csv), entityOf('1\u00012,x'));
  expect(byDefault.rows).toEqual([{ a: ['1', '2'], b: 'x' }]);
  const given = await readAll(format({ ...csv, listDelimiter: '|' }), entityOf('"p|q",x'));
  expect(given.rows).toEqual([{ a: ['p', 'q'], b: 'x' }]);
});

test('numbers are numbers where the spec asks for it', async () => {
  const csv = { type: 'csv', columns: NAMES, listDelimiter: '|', tryParseNumbers: true };
  const { rows } = await readAll(format(csv), entityOf('1,x1,2|-3.5e1\n9007199254740993,"",1.'));
  expect(rows).toEqual([
    { a: 1, b: 'x1', c: [2, -35] },
    { a: 9007199254740993n, b: '', c: 1 },
  ]);
});

test('the old name of findColumnsFromHeader', async () => {
  const { rows } = await readAll(
    format({ type: 'tsv', hasHeaderRow: true }),
    entityOf('a\tb\n1\t2'),
  );
  expect(rows).toEqual([{ a: '1', b: '2' }]);
});

test('a quote that does not close costs its line only', async () => {
  const { rows, bad } = await readAll(
    format({ type: 'csv', columns: NAMES }),
    entityOf('"a",1\n"b,2\n"c",3\nd,4'),
  );
  expect(rows.map(({ a }) => a)).toEqual(['a', 'c', 'd']);
  expect(bad).toEqual([{ input: '"b,2', reason: expect.stringMatching(/quote/i) }]);
});

test('a carriage return inside a line does not end it', async () => {
  const { rows } = await readAll(format({ type: 'csv', columns: NAMES }), entityOf('"a",b\rc\n'));
  expect(rows).toEqual([{ a: 'a', b: 'b\rc' }]);
});

test('a header that names a column twice is an error', async () => {
  const csv = format({ type: 'csv', findColumnsFromHeader: true });
  await expect(readAll(csv, entityOf('x,y,x\n1,2,3'))).rejects.toThrow('"x" twice');
});

test.each([
  [{ type: 'csv' }, 'inputFormat.columns'],
  [{ type: 'csv', columns: ['a', 'a'] }, '"a" stands twice'],
  [{ type: 'csv', columns: ['a', ''] }, 'inputFormat.columns[1]'],
  [{ type: 'csv', columns: ['a'], listDelimiter: '' }, 'inputFormat.listDelimiter'],
  [{ type: 'tsv', columns: ['a'], delimiter: '' }, 'inputFormat.delimiter'],
  [{ type: 'tsv', columns: ['a'], delimiter: '|', listDelimiter: '|' }, '"|"'],
  [{ type: 'csv', columns: ['a'], skipHeaderRows: -1 }, 'inputFormat.skipHeaderRows'],
  [{ type: 'thrift' }, "'thrift' is not built yet"],
  [{ type: 'xml' }, 'got "xml"'],
  ['csv', 'want an object'],
])('the format %j is refused', (settings, part) => {
  expect(() => format(settings as object)).toThrow(part);
});
