import type { Query, Tag } from './data-set.js';
import {
  all,
  grouped,
  is,
  type Join,
  type Json,
  long,
  oneOf,
  rowsOf,
  text,
  within,
} from './native-joins.js';

/** The questions of SSB with its joins, and one question per kind of right side. Varve is asked natively, for its SQL has no joins. */

const dates = (columns: readonly string[], filter?: Json): Join => ({
  right: rowsOf('dates', ['d_datekey', ...columns], filter),
  prefix: 'd',
  on: 'lo_orderdate == "d.d_datekey"',
});
const customers = (columns: readonly string[], filter?: Json): Join => ({
  right: rowsOf('customer', ['c_custkey', ...columns], filter),
  prefix: 'c',
  on: 'lo_custkey == "c.c_custkey"',
});
const suppliers = (columns: readonly string[], filter?: Json): Join => ({
  right: rowsOf('supplier', ['s_suppkey', ...columns], filter),
  prefix: 's',
  on: 'lo_suppkey == "s.s_suppkey"',
});
const parts = (columns: readonly string[], filter?: Json): Join => ({
  right: rowsOf('part', ['p_partkey', ...columns], filter),
  prefix: 'p',
  on: 'lo_partkey == "p.p_partkey"',
});

const REVENUE: Json = { type: 'longSum', name: 'revenue', fieldName: 'lo_revenue' };
const DISCOUNTED: Json = {
  type: 'longSum',
  name: 'revenue',
  expression: 'lo_extendedprice * lo_discount',
};
const PROFIT: Json = { type: 'longSum', name: 'profit', expression: 'lo_revenue - lo_supplycost' };

const ON_DATES = 'JOIN dates ON lo_orderdate = d_datekey';
const ON_CUSTOMERS = 'JOIN customer ON lo_custkey = c_custkey';
const ON_SUPPLIERS = 'JOIN supplier ON lo_suppkey = s_suppkey';
const ON_PARTS = 'JOIN part ON lo_partkey = p_partkey';

const query = (
  id: string,
  varve: string,
  native: Json,
  tags: readonly Tag[] = ['join'],
): Query => ({
  id,
  tags,
  varve,
  native,
});

/** Flight 1: one table, which filters. */
const flight1 = (id: string, day: string, dayFilter: Json, rows: string, filter: Json): Query =>
  query(
    id,
    `SELECT SUM(lo_extendedprice * lo_discount) AS revenue FROM lineorder ${ON_DATES} WHERE ${day} AND ${rows}`,
    grouped({ joins: [dates([], dayFilter)], dimensions: [], aggregation: DISCOUNTED, filter }),
  );

/** Flight 2: three tables, of which two filter. */
const flight2 = (id: string, part: string, partFilter: Json, region: string): Query =>
  query(
    id,
    `SELECT d_year, p_brand, SUM(lo_revenue) AS revenue FROM lineorder ${ON_DATES} ${ON_PARTS} ${ON_SUPPLIERS}
      WHERE ${part} AND s_region = '${region}' GROUP BY d_year, p_brand ORDER BY d_year, p_brand`,
    grouped({
      joins: [
        parts(['p_brand'], partFilter),
        suppliers([], is('s_region', region)),
        dates(['d_year']),
      ],
      dimensions: [long('d.d_year'), text('p.p_brand')],
      aggregation: REVENUE,
      order: ['d.d_year', 'p.p_brand'],
    }),
  );

/** A condition in SQL, and as a filter of the table with that prefix. */
interface Condition {
  readonly sql: string;
  readonly filter: Json;
}

const equal = (column: string, value: string | number): Condition => ({
  sql: `${column} = ${typeof value === 'string' ? `'${value}'` : value}`,
  filter: is(column, value),
});
const among = (column: string, values: readonly (string | number)[]): Condition => ({
  sql: `${column} IN (${values.map((value) => (typeof value === 'string' ? `'${value}'` : value)).join(', ')})`,
  filter: oneOf(column, values),
});
const YEARS: Condition = {
  sql: 'd_year BETWEEN 1992 AND 1997',
  filter: within('d_year', 1992, 1997),
};

/** Flight 3: three tables that filter, and group. */
const flight3 = (
  id: string,
  by: 'nation' | 'city',
  customer: Condition,
  supplier: Condition,
  day = YEARS,
): Query =>
  query(
    id,
    `SELECT c_${by}, s_${by}, d_year, SUM(lo_revenue) AS revenue FROM lineorder ${ON_CUSTOMERS} ${ON_SUPPLIERS} ${ON_DATES}
      WHERE ${customer.sql} AND ${supplier.sql} AND ${day.sql}
      GROUP BY c_${by}, s_${by}, d_year ORDER BY d_year, revenue DESC, c_${by}, s_${by}`,
    grouped({
      joins: [
        customers([`c_${by}`], customer.filter),
        suppliers([`s_${by}`], supplier.filter),
        dates(['d_year'], day.filter),
      ],
      dimensions: [text(`c.c_${by}`), text(`s.s_${by}`), long('d.d_year')],
      aggregation: REVENUE,
      order: ['d.d_year', '-revenue', `c.c_${by}`, `s.s_${by}`],
    }),
  );

const AMERICA = equal('c_region', 'AMERICA');
const RECENT = among('d_year', [1997, 1998]);
const TWO_MAKERS = among('p_mfgr', ['MFGR#1', 'MFGR#2']);

interface Flight4 {
  readonly id: string;
  readonly keys: readonly string[];
  readonly supplier: Condition;
  readonly part: Condition;
  readonly day?: Condition;
}

/** Flight 4: all four tables. */
function flight4({ id, keys, supplier, part, day }: Flight4): Query {
  const of = (prefix: string) => keys.filter((name) => name.startsWith(prefix));
  const conditions = [AMERICA, supplier, part, ...(day ? [day] : [])];
  const prefixed = keys.map((name) => `${name[0]}.${name}`);
  return query(
    id,
    `SELECT ${keys.join(', ')}, SUM(lo_revenue - lo_supplycost) AS profit FROM lineorder ${ON_CUSTOMERS} ${ON_SUPPLIERS} ${ON_PARTS} ${ON_DATES}
      WHERE ${conditions.map(({ sql }) => sql).join(' AND ')} GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')}`,
    grouped({
      joins: [
        customers(of('c_'), AMERICA.filter),
        suppliers(of('s_'), supplier.filter),
        parts(of('p_'), part.filter),
        dates(of('d_'), day?.filter),
      ],
      dimensions: prefixed.map((name) => (name === 'd.d_year' ? long(name) : text(name))),
      aggregation: PROFIT,
      order: prefixed,
    }),
  );
}

const UK = ['UNITED KI1', 'UNITED KI5'];

const FLIGHTS: readonly Query[] = [
  flight1(
    'J1.1',
    'd_year = 1993',
    is('d_year', 1993),
    'lo_discount BETWEEN 1 AND 3 AND lo_quantity < 25',
    all(within('lo_discount', 1, 3), within('lo_quantity', 0, 24)),
  ),
  flight1(
    'J1.2',
    'd_yearmonthnum = 199401',
    is('d_yearmonthnum', 199401),
    'lo_discount BETWEEN 4 AND 6 AND lo_quantity BETWEEN 26 AND 35',
    all(within('lo_discount', 4, 6), within('lo_quantity', 26, 35)),
  ),
  flight1(
    'J1.3',
    'd_weeknuminyear = 6 AND d_year = 1994',
    all(is('d_weeknuminyear', 6), is('d_year', 1994)),
    'lo_discount BETWEEN 5 AND 7 AND lo_quantity BETWEEN 26 AND 35',
    all(within('lo_discount', 5, 7), within('lo_quantity', 26, 35)),
  ),
  flight2('J2.1', `p_category = 'MFGR#12'`, is('p_category', 'MFGR#12'), 'AMERICA'),
  flight2(
    'J2.2',
    `p_brand BETWEEN 'MFGR#2221' AND 'MFGR#2228'`,
    within('p_brand', 'MFGR#2221', 'MFGR#2228'),
    'ASIA',
  ),
  flight2('J2.3', `p_brand = 'MFGR#2239'`, is('p_brand', 'MFGR#2239'), 'EUROPE'),
  flight3('J3.1', 'nation', equal('c_region', 'ASIA'), equal('s_region', 'ASIA')),
  flight3('J3.2', 'city', equal('c_nation', 'UNITED STATES'), equal('s_nation', 'UNITED STATES')),
  flight3('J3.3', 'city', among('c_city', UK), among('s_city', UK)),
  flight3(
    'J3.4',
    'city',
    among('c_city', UK),
    among('s_city', UK),
    equal('d_yearmonth', 'Dec1997'),
  ),
  flight4({
    id: 'J4.1',
    keys: ['d_year', 'c_nation'],
    supplier: equal('s_region', 'AMERICA'),
    part: TWO_MAKERS,
  }),
  flight4({
    id: 'J4.2',
    keys: ['d_year', 's_nation', 'p_category'],
    supplier: equal('s_region', 'AMERICA'),
    part: TWO_MAKERS,
    day: RECENT,
  }),
  flight4({
    id: 'J4.3',
    keys: ['d_year', 's_city', 'p_brand'],
    supplier: equal('s_nation', 'UNITED STATES'),
    part: equal('p_category', 'MFGR#14'),
    day: RECENT,
  }),
];

const DAY_MS = 86_400_000;

/** The calendar, written into the query. */
const CALENDAR: Json = {
  type: 'inline',
  columnNames: ['day', 'year'],
  columnTypes: ['LONG', 'LONG'],
  rows: Array.from({ length: 2557 }, (_, day) => {
    const at = new Date(Date.UTC(1992, 0, 1) + day * DAY_MS).toISOString();
    return [Number(at.slice(0, 10).replaceAll('-', '')), Number(at.slice(0, 4))];
  }),
};

const KINDS: readonly Query[] = [
  query(
    'J5 inline: by year',
    `SELECT d_year, SUM(lo_revenue) AS revenue FROM lineorder ${ON_DATES} GROUP BY d_year`,
    grouped({
      joins: [{ right: CALENDAR, prefix: 'd', on: 'lo_orderdate == "d.day"' }],
      dimensions: [long('d.year')],
      aggregation: REVENUE,
    }),
  ),
  query(
    'J6 lookup: by region',
    `SELECT s_region, SUM(lo_revenue) AS revenue FROM lineorder ${ON_SUPPLIERS} GROUP BY s_region`,
    grouped({
      joins: [
        {
          right: { type: 'lookup', lookup: 'supplier_region' },
          prefix: 's',
          on: 'lo_suppkey == "s.k"',
        },
      ],
      dimensions: [text('s.v')],
      aggregation: REVENUE,
    }),
  ),
  query(
    'J7 table: by brand',
    `SELECT p_brand, SUM(lo_revenue) AS revenue FROM lineorder ${ON_PARTS} GROUP BY p_brand ORDER BY revenue DESC, p_brand LIMIT 10`,
    grouped({
      joins: [{ right: 'part', prefix: 'p', on: 'lo_partkey == "p.p_partkey"' }],
      dimensions: [text('p.p_brand')],
      aggregation: REVENUE,
      order: ['-revenue', 'p.p_brand'],
      limit: 10,
    }),
  ),
  query(
    'J8 left: by nation of Asia, or none',
    `SELECT c_nation, SUM(lo_revenue) AS revenue FROM lineorder
      LEFT JOIN (SELECT c_custkey, c_nation FROM customer WHERE c_region = 'ASIA') AS asia ON lo_custkey = c_custkey GROUP BY c_nation`,
    grouped({
      joins: [{ ...customers(['c_nation'], is('c_region', 'ASIA')), type: 'LEFT' }],
      dimensions: [text('c.c_nation')],
      aggregation: REVENUE,
    }),
  ),
];

const memberships = (filter?: Json): Join => ({
  right: rowsOf('membership', ['m_custkey', 'm_segment'], filter),
  prefix: 'm',
  on: 'lo_custkey == "m.m_custkey"',
});
const ON_MEMBERSHIPS = 'JOIN membership ON lo_custkey = m_custkey';

/** Every key comes twice on the right, so that no lookup will do. */
const TWICE: readonly Query[] = [
  query(
    'J9 twice: by segment',
    `SELECT m_segment, SUM(lo_revenue) AS revenue FROM lineorder ${ON_MEMBERSHIPS} GROUP BY m_segment`,
    grouped({ joins: [memberships()], dimensions: [text('m.m_segment')], aggregation: REVENUE }),
    ['joinTwice'],
  ),
  query(
    'J10 twice: of a year, by segment',
    `SELECT m_segment, SUM(lo_revenue) AS revenue FROM lineorder ${ON_DATES} ${ON_MEMBERSHIPS} WHERE d_year = 1993 GROUP BY m_segment`,
    grouped({
      joins: [dates([], is('d_year', 1993)), memberships()],
      dimensions: [text('m.m_segment')],
      aggregation: REVENUE,
    }),
    ['joinTwice'],
  ),
];

export const LINEORDER_JOINS: readonly Query[] = [...FLIGHTS, ...KINDS, ...TWICE];
