import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cell } from './answer.js';
import { columnsFrame } from './frames.js';
import type { Fill, FillValue } from './macros.js';
import { seriesFrame } from './series.js';

const MINUTE = 60_000;
const iso = (minute: number) => new Date(minute * MINUTE).toISOString();
const RANGE = { fromMs: 0, toMs: 5 * MINUTE };

/** Builds the series of an answer whose columns are `name:SQLTYPE`. */
function series(headers: string[], rows: Cell[][], fill: Fill | null = null, range = RANGE) {
  const columns = headers.map((header) => {
    const [name = '', sqlType = ''] = header.split(':');
    return { name, sqlType };
  });
  return seriesFrame(columnsFrame({ columns, rows }, 1_000), fill, range);
}
const perMinute = (value: FillValue): Fill => ({
  interval: { count: 1, unit: 'm' },
  timeZone: 'UTC',
  value,
});
const HEADERS = ['time:TIMESTAMP', 'host:VARCHAR', 'c:BIGINT'];

describe('seriesFrame', () => {
  test('one line for each value of the label, sorted by it and by time, gaps as null', () => {
    const rows = [
      [iso(2), 'b', 5],
      [iso(0), 'a', 1],
      [iso(1), null, 3],
      [iso(2), 'a', 4],
    ];
    expect(series(HEADERS, rows)).toEqual({
      fields: [
        { name: 'time', type: 'time', values: [0, MINUTE, 2 * MINUTE] },
        ...[
          { host: 'a', values: [1, null, 4] },
          { host: 'b', values: [null, null, 5] },
          { host: 'null', values: [null, 3, null] },
        ].map(({ host, values }) => ({
          ...{ name: 'c', type: 'number', values, labels: { host } },
          config: { displayNameFromDS: host },
        })),
      ],
      notices: [],
    });
  });

  test('several values and labels', () => {
    const { fields } = series(
      ['at:TIMESTAMP', 'host:VARCHAR', 'up:BOOLEAN', 'day:DATE', 'c:BIGINT', 'd:DOUBLE'],
      [[iso(0), 'a', true, iso(0), 1, 0.5]],
    );
    const labels = { host: 'a', up: 'true', day: iso(0) };
    expect(fields.slice(1)).toEqual([
      expect.objectContaining({ name: 'c', values: [1], labels }),
      expect.objectContaining({ name: 'd', values: [0.5], labels }),
    ]);
    expect(fields[2]?.config?.displayNameFromDS).toBe(`d a, true, ${iso(0)}`);
  });

  test('without labels every row stays, also of one time', () => {
    const { fields, notices } = series(
      ['c:BIGINT', '__time:TIMESTAMP', 'd:DOUBLE'],
      [
        [2, iso(1), 0.2],
        [1, iso(0), null],
        [3, iso(1), 0.3],
      ],
    );
    expect(fields).toEqual([
      { name: '__time', type: 'time', values: [0, MINUTE, MINUTE] },
      { name: 'c', type: 'number', values: [1, 2, 3] },
      { name: 'd', type: 'number', values: [null, 0.2, 0.3] },
    ]);
    expect(notices).toEqual([]);
  });

  test('rows that cannot be shown are counted', () => {
    const { fields, notices } = series(HEADERS, [
      [null, 'a', 1],
      [iso(0), 'a', 2],
      [iso(0), 'a', 3],
    ]);
    expect(fields[1]?.values).toEqual([3]);
    expect(notices).toEqual([
      expect.stringContaining('1 rows have no time'),
      expect.stringContaining('1 rows have the time and labels of a later row'),
    ]);
  });

  test('the column named time is the time', () => {
    const { fields } = series(
      ['first:TIMESTAMP', 'time:TIMESTAMP', 'c:BIGINT'],
      [[iso(1), iso(2), 7]],
    );
    expect(fields[0]).toEqual({ name: 'time', type: 'time', values: [2 * MINUTE] });
    expect(fields[1]?.labels).toEqual({ first: iso(1) });
  });

  test('numbers named time are seconds or milliseconds', () => {
    const rows = [
      [1577836800, 1],
      [1577836800123, 2],
    ];
    const { fields } = series(['time:BIGINT', 'c:BIGINT'], rows);
    expect(fields[0]?.values).toEqual([1577836800000, 1577836800123]);
  });

  test('integers beyond 2^53 become the nearest double', () => {
    const { fields } = series(['time:TIMESTAMP', 'c:BIGINT'], [[iso(0), '9223372036854775807']]);
    expect(fields[1]).toEqual({ name: 'c', type: 'number', values: [2 ** 63] });
  });

  test('no rows', () => {
    expect(series(['time:TIMESTAMP', 'c:BIGINT'], [], perMinute(0)).fields).toEqual([
      { name: 'time', type: 'time', values: [] },
      { name: 'c', type: 'number', values: [] },
    ]);
    expect(series(HEADERS, []).fields).toHaveLength(1);
  });

  test('says what is missing', () => {
    expect(() => series(['a:BIGINT'], [])).toThrow('needs a column of times');
    expect(() => series(['time:TIMESTAMP', 'a:VARCHAR'], [])).toThrow('needs a column of numbers');
  });
});

describe('fill', () => {
  const rows = [
    [iso(1), 'a', 1],
    [iso(3), 'b', null],
  ];
  test.each<[FillValue, Cell[], Cell[]]>([
    [null, [null, 1, null, null, null], [null, null, null, null, null]],
    [0, [0, 1, 0, 0, 0], [0, 0, 0, null, 0]],
    ['previous', [null, 1, 1, 1, 1], [null, null, null, null, null]],
  ])('%s', (value, a, b) => {
    const { fields } = series(HEADERS, rows, perMinute(value));
    expect(fields.map((field) => field.values)).toEqual([
      [0, 1, 2, 3, 4].map((minute) => minute * MINUTE),
      a,
      b,
    ]);
  });

  test('refuses to make more points than a panel can hold', () => {
    const range = { fromMs: 0, toMs: 50_001 * MINUTE };
    expect(() => series(HEADERS, rows, perMinute(0), range)).toThrow('longer interval');
  });
});

/** Looks the cell up in the rows, the last one first. */
function naiveCell(rows: Cell[][], minute: number, host: string): Cell {
  const row = rows.findLast(([time, label]) => time === iso(minute) && label === host);
  return row === undefined ? null : (row[2] ?? null);
}

test('agrees with looking every cell up', () => {
  const row = fc.tuple(
    fc.nat(6).map(iso),
    fc.constantFrom('a', 'b', 'c"', '\u0000'),
    fc.option(fc.integer()),
  );
  fc.assert(
    fc.property(fc.array(row), fc.constantFrom(null, perMinute(null)), (rows, fill) => {
      const { fields, notices } = series(HEADERS, rows, fill);
      const [time, ...lines] = fields;
      const seen = new Set(rows.map(([at]) => Date.parse(at)));
      const filled = fill === null || rows.length === 0 ? [] : [0, 1, 2, 3, 4];
      const times = [...new Set([...seen, ...filled.map((minute) => minute * MINUTE)])];
      expect(time?.values).toEqual(times.sort((a, b) => a - b));
      expect(new Set(lines.map((line) => line.labels?.host))).toEqual(
        new Set(rows.map(([, host]) => host)),
      );
      for (const line of lines) {
        const host = line.labels?.host as string;
        expect(line.values).toEqual(times.map((at) => naiveCell(rows, at / MINUTE, host)));
      }
      const distinct = new Set(rows.map(([at, host]) => JSON.stringify([at, host]))).size;
      const hidden = rows.length - distinct;
      expect(notices.join()).toContain(hidden === 0 ? '' : `${hidden} rows have the time`);
    }),
  );
});
