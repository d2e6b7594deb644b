import { describe, expect, test } from 'vitest';
import { DAY, HOUR, IDS, inline, rowsOf, textOf, told } from './few-rows-testing.js';

const scan = { queryType: 'scan' };

describe('the response', () => {
  test('list: an object for each row, with every column, as its type is written', async () => {
    expect(await textOf({ ...scan, intervals: '1970-01-01T02:00/PT1H' })).toBe(
      `[{"segmentId":"${IDS[0]}","columns":["__time","page","tags","n","f","d","list","rows","u"],"events":[` +
        '{"__time":7200000,"page":"B","tags":"b","n":2,"f":1.0,"d":"NaN","list":null,"rows":1,"u":"AQsAAAFz5ig="}]}]',
    );
  });

  test('compactedList: a list for each row, and the types behind them', async () => {
    const columns = ['n', 'f', 'd', 'list', 'tags', 'u', 'nowhere'];
    const resultFormat = 'CompactedList';
    const intervals = '1970-01-03T06:00/PT1H';
    expect(await textOf({ ...scan, columns, resultFormat, intervals })).toBe(
      `[{"segmentId":"${IDS[1]}","columns":["n","f","d","list","tags","u","nowhere"],` +
        '"events":[[-3,-2.5,"-Infinity",[],["a","c"],"AQsAAA==",null]],' +
        '"rowSignature":[{"name":"n","type":"LONG"},{"name":"f","type":"FLOAT"},{"name":"d","type":"DOUBLE"},' +
        '{"name":"list","type":"ARRAY<LONG>"},{"name":"tags","type":"STRING"},{"name":"u","type":"COMPLEX<hyperUnique>"},' +
        '{"name":"nowhere","type":"STRING"}]}]',
    );
  });

  test('a cell of a list is a text where it has one, and null where it has none', async () => {
    const dataSource = inline(['a'], [[['only']], [[]], [['p', 'q']], [['p', null]], [null]]);
    expect(await rowsOf({ dataSource })).toEqual([
      ['only'],
      [null],
      [['p', 'q']],
      [['p', null]],
      [null],
    ]);
  });

  test('an element for each segment and batch; of rows that are no segment’s, without an id', async () => {
    const columns = ['page'];
    const query = { ...scan, columns, resultFormat: 'compactedList', batchSize: 2 };
    const signature = '"rowSignature":[{"name":"page","type":"STRING"}]';
    expect(await textOf(query)).toBe(
      `[{"segmentId":"${IDS[0]}","columns":["page"],"events":[["A"],["B"]],${signature}},` +
        `{"segmentId":"${IDS[1]}","columns":["page"],"events":[["A"],[null]],${signature}},` +
        `{"segmentId":"${IDS[1]}","columns":["page"],"events":[[""]],${signature}}]`,
    );
    const dataSource = inline(['page'], [['x']]);
    expect(await textOf({ ...query, dataSource })).toBe(
      `[{"segmentId":null,"columns":["page"],"events":[["x"]],${signature}}]`,
    );
  });

  test('in order: no ids, and batches are filled again', async () => {
    const query = { ...scan, columns: ['__time'], order: 'descending', batchSize: 4 };
    const times = [3 * DAY, 2 * DAY + 6 * HOUR, 2 * DAY + 5 * HOUR, 2 * HOUR];
    const events = times.map((time) => `{"__time":${time}}`).join(',');
    expect(await told(query)).toBe(
      `[{"segmentId":null,"columns":["__time"],"events":[${events}]},` +
        `{"segmentId":null,"columns":["__time"],"events":[{"__time":${HOUR}}]}]`,
    );
  });

  test.each([
    { intervals: [] },
    { intervals: '1000/1001' },
    { intervals: '2500/3000' },
    { dataSource: 'nowhere' },
    { filter: { type: 'false' } },
    { offset: 5 },
  ])('no rows: an empty list, with %j', async (query) => {
    expect(await told({ ...scan, ...query })).toBe('[]');
  });

  test('times are milliseconds, sketches are base64, whatever the context says', async () => {
    const columns = ['__time', 'u'];
    const context = { serializeDateTimeAsLong: false, finalize: true };
    expect(await rowsOf({ columns, limit: 1, context })).toEqual([[HOUR, 'AQsAAAO92BQ=']]);
  });
});

describe('which rows and columns', () => {
  const columns = ['__time'];

  test.each([
    { query: { limit: 0 }, expected: 5 },
    { query: { limit: '2' }, expected: 2 },
    { query: { offset: 4, limit: 3 }, expected: 1 },
    { query: { offset: '1' }, expected: 4 },
    { query: { batchSize: 0 }, expected: 5 },
    { query: { limit: null, offset: null, batchSize: null, order: null }, expected: 5 },
    { query: { legacy: 'false', columnTypes: ['LONG'], descending: true }, expected: 5 },
  ])('with $query', async ({ query, expected }) => {
    const rows = await rowsOf({ columns, ...query });
    expect(rows).toHaveLength(expected);
  });

  test('no columns and null are all of them', async () => {
    const all = await rowsOf({ columns: [] });
    expect(await rowsOf({ columns: null })).toEqual(all);
    expect(all[0]).toHaveLength(9);
  });

  test('descending without an order means nothing', async () => {
    expect(await rowsOf({ columns, descending: true, limit: 1 })).toEqual([[HOUR]]);
  });

  test('ordered by any columns, which need not be shown', async () => {
    const orderBy = [
      { columnName: 'page', order: 'ascending' },
      { columnName: 'n', order: 'descending' },
    ];
    const sorted = [
      [null, -3],
      ['', 0],
      ['A', 9007199254740993n],
      ['A', null],
      ['B', 2],
    ];
    expect(await rowsOf({ columns: ['page', 'n'], orderBy })).toEqual(sorted);
    expect(await rowsOf({ columns: ['n'], orderBy })).toEqual(sorted.map(([, n]) => [n]));
  });

  test('lists are ordered element by element, nulls and shorter ones first; NaN comes last', async () => {
    const by = (columnName: string) => rowsOf({ columns: [columnName], orderBy: [{ columnName }] });
    expect(await by('list')).toEqual([[null], [[]], [[null, 1]], [[1, 2]], [[3]]]);
    expect(await by('d')).toEqual([[null], ['-Infinity'], [0], [1], ['NaN']]);
    // Cells of several texts come after those of one.
    expect(await by('tags')).toEqual([[null], [''], ['b'], [['a', 'b']], [['a', 'c']]]);
  });
});

test.each([
  [{ columns: ['page', 'page'] }, 'columns: column [page] is named twice'],
  [{ columns: 'page' }, 'columns: want a list of texts; got "page"'],
  [{ limit: -1 }, 'limit: want 0 or more; got -1'],
  [{ limit: 1.5 }, 'limit: want an integer; got 1.5'],
  [{ offset: -1 }, 'offset: want 0 or more; got -1'],
  [{ batchSize: -1 }, 'batchSize: want 0 or more; got -1'],
  [{ resultFormat: 'csv' }, 'resultFormat: want one of list, compactedList, valueVector'],
  [{ resultFormat: 'valueVector' }, 'resultFormat is not supported: use "list"'],
  [{ legacy: true }, 'legacy is not supported: leave it out'],
  [{ order: 'ascending', columns: ['page'] }, 'columns: the __time column must be among'],
  [{ intervals: null }, 'intervals: must be given'],
])('%j is refused', async (query, message) => {
  await expect(textOf({ ...scan, ...query })).rejects.toThrow(message);
});
