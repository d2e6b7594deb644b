import type { Column, DataSet, SideTable } from './data-set.js';
import { LINEORDER_JOINS } from './join-queries.js';
import { below, oneOf } from './random.js';
import { P_KEY, SSB } from './ssb.js';

/** The Star Schema Benchmark as a star: the rows of `ssb`, with the tables that its columns come from. */
const columnsOf = (prefix: string): Column[] =>
  SSB.columns.filter(({ name }) => name.startsWith(prefix));

const key = (name: string, sql: string): Column => ({ name, type: 'integer', sql });

const DATE_KEY = 'year(day) * 10000 + month(day) * 100 + day(day)';

const SIDE = {
  time: `TIMESTAMP '1992-01-01'`,
  segmentGranularity: 'ALL',
};

/** dbgen's sizes are for 6,000,000 rows; small runs still get enough keys. */
const keysFor =
  (perScale: number) =>
  (rows: number): number =>
    Math.max(2000, Math.floor((rows * perScale) / 6_000_000));

const customersFor = keysFor(30_000);

const DATES: SideTable = {
  ...SIDE,
  name: 'dates',
  columns: [key('d_datekey', DATE_KEY), ...columnsOf('d_')],
  ranks: { day: `(DATE '1992-01-01' + row::INTEGER)` },
  clickhouseOrder: 'd_datekey',
  rowsFor: () => 2557,
};

const people = (name: string, prefix: 'c' | 's', keyName: string): Omit<SideTable, 'rowsFor'> => ({
  ...SIDE,
  name,
  columns: [key(keyName, 'row'), ...columnsOf(`${prefix}_`)],
  ranks: {
    [`${prefix}_key`]: 'row',
    [`${prefix}_nation_id`]: below(25, `${prefix}_nation`, 'row'),
  },
  clickhouseOrder: keyName,
});

const CUSTOMERS: SideTable = { ...people('customer', 'c', 'c_custkey'), rowsFor: customersFor };

const SUPPLIERS: SideTable = { ...people('supplier', 's', 's_suppkey'), rowsFor: keysFor(2000) };

const PARTS: SideTable = {
  ...SIDE,
  name: 'part',
  columns: [key('p_partkey', 'row'), ...columnsOf('p_')],
  ranks: { brand_id: below(1000, 'brand', 'row') },
  clickhouseOrder: 'p_partkey',
  rowsFor: keysFor(200_000),
};

const SEGMENTS = ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD'];

/** Ours: each customer belongs to two segments, so that every key comes twice. */
const MEMBERSHIPS: SideTable = {
  ...SIDE,
  name: 'membership',
  columns: [
    key('m_custkey', 'row // 2'),
    {
      name: 'm_segment',
      type: 'varchar',
      few: true,
      sql: oneOf(SEGMENTS, `(${below(5, 'segment', 'row // 2')} + 2 * (row % 2)) % 5`),
    },
  ],
  ranks: {},
  clickhouseOrder: 'm_custkey',
  rowsFor: (rows) => 2 * customersFor(rows),
};

export const LINEORDER: DataSet = {
  ...SSB,
  name: 'lineorder',
  columns: [
    key('lo_orderdate', DATE_KEY),
    key('lo_custkey', 'c_key'),
    key('lo_suppkey', 's_key'),
    key('lo_partkey', 'p_key'),
    ...columnsOf('lo_'),
  ],
  ranks: { ...SSB.ranks, p_key: P_KEY },
  clickhouseOrder: '__time',
  sides: [DATES, CUSTOMERS, SUPPLIERS, PARTS, MEMBERSHIPS],
  lookups: { supplier_region: 'SELECT s_suppkey, s_region FROM supplier' },
  queries: LINEORDER_JOINS,
};
