import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, utf8Encode } from '../../../core/index.js';
import { valueIn } from '../../input/batch.js';
import type { PushFormat } from '../types.js';
import type { BodyRows } from './body.js';
import { rawBytes } from './raw-row.js';
import { readBody } from './read-body.js';

const OPTIONS = { maxRowBytes: 1_000_000, columns: null };

const read = (format: PushFormat, body: string | Uint8Array, options = {}): BodyRows =>
  readBody(format, typeof body === 'string' ? utf8Encode(body) : body, { ...OPTIONS, ...options });

/** Rows by number: fields, or the reason why there are none. */
function outcome({ count, batch, numbers, bad }: BodyRows): unknown[] {
  const rows = new Array<unknown>(count).fill('nothing');
  for (const { row, reason } of bad) rows[row] = reason;
  for (const [i, row] of numbers.entries()) {
    const fields = [...batch.columns].map(([name, values]) => [name, valueIn(values, i)] as const);
    rows[row] = Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  }
  return rows;
}

/** Every row of the body, from its raw form alone. */
function fromRaw(rows: BodyRows): unknown[] {
  return Array.from({ length: rows.count }, (_, row) => {
    const { format, encoding, text } = rows.raw(row);
    const [one, ...more] = outcome(read(format, rawBytes(text, encoding)));
    return more.length === 0 ? one : [one, ...more];
  });
}

const scalar = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.boolean(),
  fc.constant(null),
);
const name = fc.constantFrom('a', 'b', '__proto__', 'with "quotes"', 'ü');
const object = fc.dictionary(name, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })));
const badJson = fc.constantFrom('{', '{"a":}', '1', 'x', '{"a":1} {"b":2}', '"\\"', '{a:1}');
const row = fc.oneof({ weight: 4, arbitrary: object }, { weight: 1, arbitrary: badJson });
const blank = fc.constantFrom('', ' ', '\t', '\r');
const textOf = (row: unknown) => (typeof row === 'string' ? row : JSON.stringify(row));
const expectedOf = (row: unknown) =>
  typeof row === 'string' ? 'malformed' : parseJson(JSON.stringify(row));

describe('ndjson', () => {
  test('a row a line, blank lines are none, a bad one costs no other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, blank)), fc.boolean(), (lines, mark) => {
        const text = lines.map(([row, space]) => `${space}\n${space}${textOf(row)}${space}`);
        const rows = read('ndjson', (mark ? '\ufeff' : '') + text.join('\n'));
        expect(outcome(rows)).toEqual(lines.map(([row]) => expectedOf(row)));
        expect(fromRaw(rows)).toEqual(outcome(rows));
      }),
    );
  });

  test('integers of 64 bits are exact', () => {
    expect(outcome(read('ndjson', '{"a":9007199254740993}'))).toEqual([{ a: 9007199254740993n }]);
  });

  test('bytes that are no UTF-8 are kept as base64', () => {
    const rows = read('ndjson', Uint8Array.of(0x7b, 0xff, 0x7d));
    expect(outcome(rows)).toEqual(['malformed']);
    expect(rows.raw(0)).toEqual({
      format: 'ndjson',
      encoding: 'base64',
      text: 'e/99',
      truncated: false,
    });
  });

  test('of a long row the beginning is kept, whole characters', () => {
    const text = `{"a":"${'é'.repeat(40_000)}"}`;
    const rows = read('ndjson', text, { maxRowBytes: 80_007 });
    expect(outcome(rows)).toEqual(['oversized']);
    const raw = rows.raw(0);
    expect(raw.truncated).toBe(true);
    expect(text.startsWith(raw.text)).toBe(true);
    expect(Buffer.byteLength(raw.text)).toBe(65_536);
    expect(outcome(read('ndjson', text, { maxRowBytes: 80_008 }))).not.toEqual(['oversized']);
  });

  test('a batch of very many cells is cut off', () => {
    const wide = JSON.stringify(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [i, i])),
    );
    const lines = [wide, ...new Array(2_000).fill('{"0":1}')].join('\n');
    const { batch, bad } = read('ndjson', lines);
    expect([batch.rowCount, bad.length]).toEqual([1_678, 2_001 - 1_678]);
  });
});

describe('json', () => {
  test('the elements of an array, a bad one costs no other', () => {
    // What is no JSON by itself may also end the array: such rows are for the tests below.
    const element = fc.oneof(
      { weight: 4, arbitrary: object },
      fc.constantFrom('1', 'x', '{"a":}', '[2]', ''),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(element, blank), { minLength: 2 }),
        fc.boolean(),
        (items, mark) => {
          const text = items.map(([item, space]) => `${space}\n${textOf(item)}${space}`).join(',');
          const rows = read('json', `${mark ? '\ufeff' : ''} [${text}] \n`);
          expect(outcome(rows)).toEqual(items.map(([item]) => expectedOf(item)));
          expect(fromRaw(rows).slice(0, 1)).toEqual(outcome(rows).slice(0, 1));
        },
      ),
    );
  });

  test.each([
    ['[]', []],
    [' [ ] ', []],
    ['{"a":1}', [{ a: 1 }]],
    ['[{"a":"],[{"},{"a":"\\\\"},{"a":"\\",["}]', [{ a: '],[{' }, { a: '\\' }, { a: '",[' }]],
    ['[{"a":1}', ['malformed']],
    ['[{"a":1},', [{ a: 1 }, 'malformed']],
    ['[{"a":1},{"a":2', [{ a: 1 }, 'malformed']],
    ['[{"a":1},{"a', [{ a: 1 }, 'malformed']],
    ['[{"a":1},]', [{ a: 1 }, 'malformed']],
    ['[,{"a":1}]', ['malformed', { a: 1 }]],
    ['[{"a":1}],{"a":2}', [{ a: 1 }, 'malformed']],
    ['[{"a":1}}]', ['malformed']],
    ['[', ['malformed']],
    ['"x"', ['malformed']],
    ['{"a":1},{"a":2}', ['malformed']],
    ['7', ['malformed']],
    [']', ['malformed']],
  ])('%s', (text, expected) => expect(outcome(read('json', text))).toEqual(expected));

  test('any text is read to its end, and nothing of it is lost', () => {
    const piece = fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', '"a":', '1', ' ');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = `[${pieces.join('')}`;
        const rows = read('json', text);
        const kept = Array.from({ length: rows.count }, (_, row) => rows.raw(row).text).join('');
        const withoutSeams = (all: string) => all.replaceAll(/[[\], ]/g, '');
        expect(withoutSeams(kept)).toBe(withoutSeams(text));
        expect(outcome(rows)).not.toContain('nothing');
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('csv', () => {
  const cell = fc.constantFrom('x', 'with "quotes"', 'a,b', 'ü', '1.5', ' ');
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

  test('the header names the columns, and is in the raw form of each row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell)),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        (records, end) => {
          const lines = [['a', 'b "c"'], ...records].map((cells) => cells.map(quoted).join(','));
          const rows = read('csv', lines.join(end));
          expect(outcome(rows)).toEqual(records.map(([a, b]) => ({ a, 'b "c"': b })));
          expect(fromRaw(rows)).toEqual(outcome(rows));
          const given = read('csv', lines.slice(1).join(end), { columns: ['a', 'b "c"'] });
          expect(outcome(given)).toEqual(outcome(rows));
          expect(fromRaw(given)).toEqual(outcome(rows));
        },
      ),
    );
  });

  test('bad rows and lists', () => {
    const body = Buffer.concat([
      utf8Encode('a,b\n1,"x\n2\n'),
      Uint8Array.of(0xff),
      utf8Encode('\n,p\u0001q\n3,4,5\n'),
    ]);
    const rows = read('csv', body);
    expect(outcome(rows)).toEqual([
      'malformed',
      { a: '2' },
      'malformed',
      { a: null, b: ['p', 'q'] },
      { a: '3', b: '4' },
    ]);
    expect(fromRaw(rows)).toEqual(outcome(rows));
    expect(outcome(read('csv', 'a\n1\n22222', { maxRowBytes: 3 }))).toEqual([
      { a: '1' },
      'oversized',
    ]);
  });

  test.each([
    ['', 0],
    ['a,b\n', 0],
    ['a,a\n1,2\n3,4', 'names the column "a" twice'],
    ['a,"b\n1,2', 'cannot be read'],
  ])('the header of %j', (text, found) => {
    const { count, bad } = read('csv', text);
    if (typeof found === 'number') expect([count, bad]).toEqual([found, []]);
    else {
      expect(count).toBe(1);
      expect(bad[0]!.message).toContain(found);
    }
  });
});

describe('arrow', () => {
  const table = new arrow.Table({
    ts: arrow.vectorFromArray([new Date(5), new Date(6), null], new arrow.TimestampMillisecond()),
    day: arrow.vectorFromArray([new Date(86_400_000), null, null], new arrow.DateDay()),
    long: arrow.vectorFromArray([1n, 2n ** 60n, null], new arrow.Int64()),
    big: arrow.vectorFromArray([1n, 2n ** 63n, null], new arrow.Uint64()),
    double: arrow.vectorFromArray([1, 2.5, null], new arrow.Float64()),
    text: arrow.vectorFromArray(['x', 'y'.repeat(90), null]),
    flag: arrow.vectorFromArray([true, false, null], new arrow.Bool()),
    list: arrow.vectorFromArray(
      [[1n], [2n, 3n], null],
      new arrow.List(new arrow.Field('x', new arrow.Int64())),
    ),
    struct: arrow.vectorFromArray([{ a: 1 }, { a: 2 }, { a: 3 }]),
  });
  const first = {
    ts: new Date(5),
    day: new Date(86_400_000),
    long: 1,
    big: 1,
    double: 1,
    text: 'x',
    flag: true,
    list: [1],
    struct: { a: 1 },
  };

  test.each(['stream', 'file'] as const)('a %s', (kind) => {
    const rows = read('arrow', arrow.tableToIPC(table, kind));
    const found = outcome(rows) as Record<string, unknown>[];
    expect(found[0]).toEqual(first);
    expect(found[1]).toMatchObject({ long: 2n ** 60n, big: 2 ** 63, double: 2.5, list: [2, 3] });
    expect(found[2]).toMatchObject({ ts: null, long: null, text: null, list: null });
    expect(rows.batch.types).toEqual(
      new Map([
        ['long', 'LONG'],
        ['double', 'DOUBLE'],
        ['text', 'STRING'],
      ]),
    );
    expect(rows.raw(0)).toEqual({
      format: 'ndjson',
      encoding: 'utf8',
      text: '{"ts":"1970-01-01T00:00:00.005Z","day":"1970-01-02T00:00:00.000Z","long":1,"big":1,"double":1,"text":"x","flag":true,"list":[1],"struct":{"a":1}}',
      truncated: false,
    });
  });

  test('large rows are left out', () => {
    const rows = read('arrow', arrow.tableToIPC(table), { maxRowBytes: 150 });
    expect(outcome(rows).map((row) => typeof row)).toEqual(['object', 'string', 'object']);
    expect([...rows.numbers]).toEqual([0, 2]);
  });

  test('what is no Arrow is one malformed row', () => {
    const whole = arrow.tableToIPC(table);
    const nulls = new arrow.Table({
      n: new arrow.Vector([arrow.makeData({ type: new arrow.Null(), length: 2 ** 30 })]),
    });
    for (const body of [
      utf8Encode('{"a":1}'),
      whole.subarray(0, 900),
      Uint8Array.of(0),
      arrow.tableToIPC(nulls),
    ]) {
      const rows = read('arrow', body);
      expect(outcome(rows)).toEqual(['malformed']);
      const { text, encoding, format } = rows.raw(0);
      expect([Buffer.from(text, encoding), format]).toEqual([Buffer.from(body), 'arrow']);
    }
  });

  test.each(['stream', 'file'] as const)('a damaged %s never throws', (kind) => {
    const whole = arrow.tableToIPC(table, kind);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = whole.slice();
        damaged[at]! ^= flip;
        expect(outcome(read('arrow', damaged))).not.toContain('nothing');
      }),
      { numRuns: 300 },
    );
    for (let end = 0; end < whole.length; end += 7) read('arrow', whole.subarray(0, end));
  });
});
