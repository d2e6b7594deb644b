import { parseJson } from '../../core/index.js';
import { type TestRow, type TestTable, TestTables } from '../testing.js';
import { inAll, type Layouts, textIn } from './asking-testing.js';

/** For tests: five rows that have of everything something odd, and their answers over several layouts. */

type Query = Readonly<Record<string, unknown>>;

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const TABLE: TestTable = {
  dimensions: {
    page: 'STRING',
    tags: 'STRING',
    n: 'LONG',
    f: 'FLOAT',
    d: 'DOUBLE',
    list: 'ARRAY<LONG>',
  },
  metrics: [
    { type: 'count', name: 'rows' },
    { type: 'hyperUnique', name: 'u', fieldName: 'page' },
  ],
};
const [inf, nan] = [Number.NEGATIVE_INFINITY, Number.NaN];
// biome-ignore format: a table
const ROWS: readonly TestRow[] = [
  { __time: HOUR,               page: 'A',  tags: ['a', 'b'], n: 9007199254740993n, f: 0.1,  d: 1,    list: [1, 2] },
  { __time: 2 * HOUR,           page: 'B',  tags: 'b',        n: 2,                 f: 1,    d: nan,  list: null },
  { __time: 2 * DAY + 5 * HOUR, page: 'A',  tags: null,       n: null,              f: null, d: null, list: [3] },
  { __time: 2 * DAY + 6 * HOUR, page: null, tags: ['a', 'c'], n: -3,                f: -2.5, d: inf,  list: [] },
  { __time: 3 * DAY,            page: '',   tags: '',         n: 0,                 f: 0,    d: 0,    list: [null, 1] },
];
export const DAYS = [
  { rows: ROWS.slice(0, 2), interval: { startMs: 0, endMs: DAY } },
  { rows: ROWS.slice(2), interval: { startMs: 2 * DAY, endMs: 4 * DAY } },
];
/** What the segments of `DAYS` are called. */
export const IDS = [
  't_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_v1',
  't_1970-01-03T00:00:00.000Z_1970-01-05T00:00:00.000Z_v1_1',
];
const OTHER: TestTable = { dimensions: { page: 'STRING', only: 'STRING' } };

const withOther = (tables: TestTables): TestTables =>
  tables.add('other', OTHER, [{ rows: [{ __time: 7, page: 'U', only: 'o' }] }]);

/** A segment for each of `DAYS`; beside it, as everywhere here, the table `other` of one row. */
export const byDay = withOther(new TestTables().add('t', TABLE, DAYS));

const LAYOUTS: Layouts = {
  'a segment for each of two days': byDay,
  'one segment': withOther(new TestTables().add('t', TABLE, [{ rows: ROWS }])),
  files: withOther(new TestTables().addSealed('t', TABLE, DAYS, 2)),
};

/** The response, as a client reads it. */
export const textOf = (query: Query, tables = byDay): Promise<string> => textIn(tables, query);

/** The response, which is the same text in every layout. */
export const told = (query: Query): Promise<string> =>
  inAll(LAYOUTS, (tables) => textIn(tables, query));

/** The same, parsed. */
export const answer = async (query: Query): Promise<unknown> => parseJson(await told(query));

/** The rows of a scan as lists, in whichever elements they come, the same in every layout. */
export const rowsOf = (query: Query): Promise<readonly unknown[]> =>
  inAll(LAYOUTS, async (tables) => {
    const scan = { queryType: 'scan', resultFormat: 'compactedList', ...query };
    const elements = parseJson(await textIn(tables, scan)) as { events: unknown[] }[];
    return elements.flatMap(({ events }) => events);
  });

/** How many rows a query counts. */
export async function count(query: Query): Promise<unknown> {
  const aggregations = [{ type: 'count', name: 'c' }];
  const asked = { queryType: 'timeseries', granularity: 'all', aggregations, ...query };
  return ((await answer(asked)) as { result: { c: unknown } }[])[0]?.result.c;
}

export const inline = (
  columnNames: readonly string[],
  rows: readonly unknown[][],
  columnTypes?: readonly unknown[],
) => ({ type: 'inline', columnNames, columnTypes, rows });
