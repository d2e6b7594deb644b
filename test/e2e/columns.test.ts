import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { declare, lines, push } from '../support/push.js';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Columns of every kind over HTTP: rows come in, are asked for, compacted, and asked for again. */
const scratch = temporaryDirectory('columns');
let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir: join(scratch, 'data') });
});
afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const DAY = '2024-05-01T00:00:00.000Z';
const INTERVAL = '2024-05-01/2024-05-02';

const taskOf = (table: string, dimensions: readonly unknown[], rows: readonly object[]) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: table,
      timestampSpec: { column: 't', format: 'auto' },
      dimensionsSpec: { dimensions },
      granularitySpec: { segmentGranularity: 'DAY', rollup: false },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: { type: 'inline', data: lines(rows.map((row) => ({ t: DAY, ...row }))) },
      inputFormat: { type: 'json' },
      appendToExisting: true,
    },
  },
});

async function ingest(table: string, dimensions: readonly unknown[], rows: readonly object[]) {
  const id = await server.submit(taskOf(table, dimensions, rows));
  expect(await server.finished(id)).toBe('SUCCESS');
}

async function compact(table: string): Promise<void> {
  const inputSpec = { type: 'interval', interval: INTERVAL };
  const id = await server.submit({
    type: 'compact',
    dataSource: table,
    ioConfig: { type: 'compact', inputSpec },
  });
  expect(await server.finished(id)).toBe('SUCCESS');
  const count = `SELECT COUNT(*) FROM sys.segments WHERE datasource = '${table}' AND is_overshadowed = 0`;
  expect(await server.sql(count)).toEqual([[1]]);
}

type Expected = readonly (readonly [query: string | object, answer: unknown])[];

async function answersOf(expected: Expected): Promise<void> {
  for (const [query, answer] of expected) {
    if (typeof query === 'string') {
      expect(await server.sql(query), query).toEqual(answer);
    } else {
      const { status, json } = await server.post('/druid/v2', query);
      expect([status, json], JSON.stringify(query)).toEqual([200, answer]);
    }
  }
}

/** The answers before the table is compacted, and after it. */
async function staysSo(table: string, expected: Expected): Promise<void> {
  await answersOf(expected);
  await compact(table);
  await answersOf(expected);
}

const typesOf = (table: string): string =>
  `SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = '${table}' ORDER BY ORDINAL_POSITION`;

const native = (table: string, query: object) => ({
  dataSource: table,
  intervals: INTERVAL,
  granularity: 'all',
  ...query,
});

const groupBy = (table: string, dimensions: readonly unknown[], aggregations: readonly object[]) =>
  native(table, {
    queryType: 'groupBy',
    dimensions,
    aggregations,
    context: { resultAsArray: true },
  });

test('nested JSON: each path can be asked for, and the whole comes back as it was', async () => {
  const dimensions = ['id', { type: 'json', name: 'j' }];
  await ingest('nested', dimensions, [
    { id: 'a', j: { user: { name: 'Ann', age: 31 }, tags: ['x', 'y'], ok: true } },
    { id: 'b', j: { user: { name: 'Bob' }, tags: [], big: 9007199254740 } },
  ]);
  await ingest('nested', dimensions, [
    { id: 'c', j: { user: { name: 'Ann', age: 2.5 }, tags: [1, null] } },
    { id: 'd', j: 'plain' },
    { id: 'e' },
  ]);
  await staysSo('nested', [
    [
      `SELECT id, JSON_VALUE(j, '$.user.name'), JSON_VALUE(j, '$.user.age' RETURNING DOUBLE) FROM nested ORDER BY id`,
      [
        ['a', 'Ann', 31],
        ['b', 'Bob', null],
        ['c', 'Ann', 2.5],
        ['d', null, null],
        ['e', null, null],
      ],
    ],
    [
      `SELECT JSON_VALUE(j, '$.user.name') AS name, COUNT(*) FROM nested WHERE JSON_VALUE(j, '$.user.name') IS NOT NULL GROUP BY 1 ORDER BY 1`,
      [
        ['Ann', 2],
        ['Bob', 1],
      ],
    ],
    [`SELECT COUNT(*) FROM nested WHERE JSON_VALUE(j, '$.tags[1]') = 'y'`, [[1]]],
    [
      `SELECT TO_JSON_STRING(j) FROM nested WHERE id IN ('a', 'd') ORDER BY id`,
      [['{"user":{"name":"Ann","age":31},"tags":["x","y"],"ok":true}'], ['"plain"']],
    ],
    [
      typesOf('nested'),
      [
        ['__time', 'TIMESTAMP'],
        ['id', 'VARCHAR'],
        ['j', 'COMPLEX<json>'],
      ],
    ],
    [
      {
        ...groupBy('nested', ['v'], [{ type: 'count', name: 'rows' }]),
        virtualColumns: [
          {
            type: 'expression',
            name: 'v',
            expression: "json_value(j, '$.user.name')",
            outputType: 'STRING',
          },
        ],
      },
      [
        [null, 2],
        ['Ann', 2],
        ['Bob', 1],
      ],
    ],
  ]);
});

test('typed arrays: whole, by element, and joined', async () => {
  const dimensions = [
    'id',
    { type: 'auto', name: 'words' },
    { type: 'auto', name: 'sizes' },
    { type: 'auto', name: 'parts' },
  ];
  await ingest('lists', dimensions, [
    { id: 'a', words: ['x', 'y'], sizes: [1, 2], parts: [0.5] },
    { id: 'b', words: ['x', null], sizes: [3], parts: [] },
  ]);
  await ingest('lists', dimensions, [{ id: 'c', words: ['x', 'y'], sizes: [7] }]);
  await staysSo('lists', [
    [
      'SELECT id, words, sizes, parts FROM lists ORDER BY id',
      [
        ['a', '["x","y"]', '[1,2]', '[0.5]'],
        ['b', '["x",null]', '[3]', '[]'],
        ['c', '["x","y"]', '[7]', null],
      ],
    ],
    [
      'SELECT words, COUNT(*) FROM lists GROUP BY words ORDER BY 2 DESC',
      [
        ['["x","y"]', 2],
        ['["x",null]', 1],
      ],
    ],
    ["SELECT COUNT(*) FROM lists WHERE ARRAY_CONTAINS(words, 'y')", [[2]]],
    ['SELECT SUM(ARRAY_LENGTH(sizes)) FROM lists', [[4]]],
    [
      typesOf('lists'),
      [
        ['__time', 'TIMESTAMP'],
        ['id', 'VARCHAR'],
        ['words', 'VARCHAR ARRAY'],
        ['sizes', 'BIGINT ARRAY'],
        ['parts', 'DOUBLE ARRAY'],
      ],
    ],
  ]);
});

test('multi-value strings: by element, natively and in SQL', async () => {
  await ingest(
    'many',
    ['id', 'tags'],
    [
      { id: 'a', tags: ['y', 'x'] },
      { id: 'b', tags: 'x' },
    ],
  );
  await ingest(
    'many',
    ['id', 'tags'],
    [
      { id: 'c', tags: [] },
      { id: 'd', tags: ['x', 'z'] },
    ],
  );
  const byTag = [
    [null, 1],
    ['x', 3],
    ['y', 1],
    ['z', 1],
  ];
  await staysSo('many', [
    ['SELECT tags, COUNT(*) FROM many GROUP BY tags ORDER BY tags', byTag],
    [groupBy('many', ['tags'], [{ type: 'count', name: 'rows' }]), byTag],
    ["SELECT COUNT(*) FROM many WHERE MV_CONTAINS(tags, 'x')", [[3]]],
    ["SELECT MV_TO_STRING(tags, '+') FROM many WHERE id = 'd'", [['x+z']]],
    [
      native('many', {
        queryType: 'topN',
        dimension: 'tags',
        metric: 'rows',
        threshold: 1,
        aggregations: [{ type: 'count', name: 'rows' }],
      }),
      [{ timestamp: DAY, result: [{ tags: 'x', rows: 3 }] }],
    ],
  ]);
});

test('columns whose types differ between segments are read as one type', async () => {
  await ingest(
    'mixed',
    ['id', { type: 'long', name: 'n' }, { type: 'long', name: 'm' }],
    [
      { id: 'a', n: 1, m: 1 },
      { id: 'b', n: 2 },
    ],
  );
  await ingest(
    'mixed',
    ['id', { type: 'double', name: 'n' }, 'm', 'late'],
    [
      { id: 'c', n: 2.5, m: 'x', late: 'y' },
      { id: 'd', n: 1, m: '1' },
    ],
  );
  await staysSo('mixed', [
    [
      'SELECT id, n, m, late FROM mixed ORDER BY id',
      [
        ['a', 1, '1', null],
        ['b', 2, null, null],
        ['c', 2.5, 'x', 'y'],
        ['d', 1, '1', null],
      ],
    ],
    [
      'SELECT m, SUM(n) FROM mixed WHERE m IS NOT NULL GROUP BY m ORDER BY m',
      [
        ['1', 2],
        ['x', 2.5],
      ],
    ],
    ["SELECT COUNT(*) FROM mixed WHERE m = '1' AND n < 1.5", [[2]]],
    [
      groupBy('mixed', ['m'], [{ type: 'doubleSum', name: 'sum', fieldName: 'n' }]),
      [
        [null, 2],
        ['1', 2],
        ['x', 2.5],
      ],
    ],
    [
      typesOf('mixed'),
      [
        ['__time', 'TIMESTAMP'],
        ['id', 'VARCHAR'],
        ['n', 'DOUBLE'],
        ['m', 'VARCHAR'],
        ['late', 'VARCHAR'],
      ],
    ],
  ]);
});

test('auto columns have the type that the values of all segments fit', async () => {
  const dimensions = ['id', { type: 'auto', name: 'v' }, { type: 'auto', name: 'w' }];
  await ingest('found', dimensions, [
    { id: 'a', v: 1, w: 1 },
    { id: 'b', v: 2, w: 2 },
  ]);
  await ingest('found', dimensions, [
    { id: 'c', v: 0.5, w: 'x' },
    { id: 'd', w: { k: [1] } },
  ]);
  await staysSo('found', [
    [
      "SELECT id, v, TO_JSON_STRING(w), JSON_VALUE(w, '$.k[0]') FROM found ORDER BY id",
      [
        ['a', 1, '1', null],
        ['b', 2, '2', null],
        ['c', 0.5, '"x"', null],
        ['d', null, '{"k":[1]}', '1'],
      ],
    ],
    ['SELECT SUM(v), COUNT(v) FROM found', [[3.5, 3]]],
    [
      typesOf('found'),
      [
        ['__time', 'TIMESTAMP'],
        ['id', 'VARCHAR'],
        ['v', 'DOUBLE'],
        ['w', 'COMPLEX<json>'],
      ],
    ],
  ]);
});

test('rows that were pushed: before the handoff, behind it, and compacted', async () => {
  await declare(server, 'pushed', {
    timestampSpec: { column: 't', format: 'auto' },
    dimensionsSpec: { dimensions: ['id'], useSchemaDiscovery: true, includeAllDimensions: true },
    granularitySpec: { segmentGranularity: 'DAY', rollup: false },
  });
  await push(server, 'pushed', lines([{ t: DAY, id: 'a', v: 1, tags: ['x'] }]));
  expect((await server.post('/v1/tables/pushed/handoff', {})).status).toBe(200);
  await push(server, 'pushed', lines([{ t: DAY, id: 'b', v: 'text', tags: ['x', 'y'] }]));
  const expected: Expected = [
    [
      'SELECT id, TO_JSON_STRING(v), tags FROM pushed ORDER BY id',
      [
        ['a', '1', '["x"]'],
        ['b', '"text"', '["x","y"]'],
      ],
    ],
    ["SELECT COUNT(*) FROM pushed WHERE ARRAY_CONTAINS(tags, 'x')", [[2]]],
  ];
  await answersOf(expected);
  expect((await server.post('/v1/tables/pushed/handoff', {})).status).toBe(200);
  await staysSo('pushed', expected);
});

test('a table is altered by declaring it anew', async () => {
  const spec = (...dimensions: unknown[]) => ({
    timestampSpec: { column: 't', format: 'auto' },
    dimensionsSpec: { dimensions: ['id', ...dimensions] },
    granularitySpec: { segmentGranularity: 'DAY', rollup: false },
  });
  const put = async (body: object) => {
    const response = await fetch(`${server.url}/v1/tables/altered`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const json = (await response.json()) as { errorMessage?: string };
    return { status: response.status, message: json.errorMessage };
  };
  const handoff = async () =>
    expect((await server.post('/v1/tables/altered/handoff', {})).status).toBe(200);
  const long = (name: string) => ({ type: 'long', name });
  await declare(server, 'altered', spec(long('n'), long('m')));
  await push(server, 'altered', lines([{ t: DAY, id: 'a', n: 1, m: 1 }]));
  await handoff();
  await push(server, 'altered', lines([{ t: DAY, id: 'b', n: 2, m: 2 }]));

  // Before a row has come that shows it.
  const altered = spec({ type: 'double', name: 'n' }, 'm', 'fresh');
  expect(await put(altered)).toMatchObject({ status: 200 });
  await answersOf([
    [
      typesOf('altered'),
      [
        ['__time', 'TIMESTAMP'],
        ['id', 'VARCHAR'],
        ['n', 'DOUBLE'],
        ['m', 'VARCHAR'],
        ['fresh', 'VARCHAR'],
      ],
    ],
    [
      'SELECT id, n, m, fresh FROM altered ORDER BY id',
      [
        ['a', 1, '1', null],
        ['b', 2, '2', null],
      ],
    ],
    [
      groupBy('altered', ['m'], [{ type: 'doubleSum', name: 'sum', fieldName: 'n' }]),
      [
        ['1', 1],
        ['2', 2],
      ],
    ],
  ]);

  await push(server, 'altered', lines([{ t: DAY, id: 'c', n: 0.5, m: 'x', fresh: 'y' }]));
  const expected: Expected = [
    [
      'SELECT id, n, m, fresh FROM altered ORDER BY id',
      [
        ['a', 1, '1', null],
        ['b', 2, '2', null],
        ['c', 0.5, 'x', 'y'],
      ],
    ],
    ["SELECT SUM(n), COUNT(*) FILTER (WHERE m = '1') FROM altered", [[3.5, 1]]],
  ];
  await answersOf(expected);
  await handoff();
  await staysSo('altered', expected);

  const narrower = await put(spec(long('n'), 'm', 'fresh'));
  expect(narrower).toMatchObject({ status: 400 });
  expect(narrower.message).toMatch(/dimensionsSpec\.dimensions: .*"n" as DOUBLE.*list it so.*LONG/);
  const fewer = await put(spec({ type: 'double', name: 'n' }));
  expect(fewer).toMatchObject({ status: 400 });
  expect(fewer.message).toContain('dimensionsSpec.dimensions[2]: the table has "m" there');
});
