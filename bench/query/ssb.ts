import type { Column, DataSet, Query } from './data-set.js';
import { anyOf, below, oneOf } from './random.js';

/**
 * The Star Schema Benchmark (O'Neil, O'Neil, Chen) with the dimension tables joined flat into
 * `lineorder`, as stores without joins hold it. Values follow dbgen: keys drawn alike, everything
 * about a customer, supplier or part following from its key, prices from the part.
 */
const REGIONS = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'];

/** TPC-H's nations, five to a region. */
const NATIONS = [
  ...['ALGERIA', 'ETHIOPIA', 'KENYA', 'MOROCCO', 'MOZAMBIQUE'],
  ...['ARGENTINA', 'BRAZIL', 'CANADA', 'PERU', 'UNITED STATES'],
  ...['CHINA', 'INDIA', 'INDONESIA', 'JAPAN', 'VIETNAM'],
  ...['FRANCE', 'GERMANY', 'ROMANIA', 'RUSSIA', 'UNITED KINGDOM'],
  ...['EGYPT', 'IRAN', 'IRAQ', 'JORDAN', 'SAUDI ARABIA'],
];

/** Cities are dbgen's: nine letters of the nation and a digit. */
const place = (prefix: 'c' | 's'): Column[] => {
  const nation = `${prefix}_nation_id`;
  const digit = below(10, `${prefix}_city`, `${prefix}_key`);
  return [
    {
      name: `${prefix}_city`,
      type: 'varchar',
      few: true,
      sql: `rpad(${oneOf(NATIONS, nation)}, 9, ' ')[1:9] || ${digit}`,
    },
    { name: `${prefix}_nation`, type: 'varchar', few: true, sql: oneOf(NATIONS, nation) },
    { name: `${prefix}_region`, type: 'varchar', few: true, sql: oneOf(REGIONS, `${nation} // 5`) },
  ];
};

const PART = [
  `'MFGR#' || (1 + brand_id // 200)`,
  `(1 + (brand_id // 40) % 5)`,
  `(1 + brand_id % 40)`,
] as const;

const COLUMNS: readonly Column[] = [
  { name: 'd_year', type: 'smallint', sql: 'year(day)' },
  { name: 'd_yearmonthnum', type: 'integer', sql: 'year(day) * 100 + month(day)' },
  { name: 'd_yearmonth', type: 'varchar', few: true, sql: `strftime(day, '%b%Y')` },
  { name: 'd_weeknuminyear', type: 'tinyint', sql: '1 + (dayofyear(day) - 1) // 7' },
  ...place('c'),
  ...place('s'),
  { name: 'p_mfgr', type: 'varchar', few: true, sql: PART[0] },
  { name: 'p_category', type: 'varchar', few: true, sql: PART.slice(0, 2).join(' || ') },
  { name: 'p_brand', type: 'varchar', few: true, sql: PART.join(' || ') },
  {
    name: 'lo_orderpriority',
    type: 'varchar',
    few: true,
    sql: anyOf(['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECI', '5-LOW'], 'lo_orderpriority'),
  },
  {
    name: 'lo_shipmode',
    type: 'varchar',
    few: true,
    sql: anyOf(['REG AIR', 'AIR', 'RAIL', 'TRUCK', 'MAIL', 'FOB', 'SHIP'], 'lo_shipmode'),
  },
  { name: 'lo_quantity', type: 'tinyint', sql: 'quantity' },
  { name: 'lo_discount', type: 'tinyint', sql: 'discount' },
  { name: 'lo_extendedprice', type: 'integer', sql: 'quantity * price' },
  { name: 'lo_revenue', type: 'integer', sql: 'quantity * price * (100 - discount) // 100' },
  { name: 'lo_supplycost', type: 'integer', sql: '6 * price // 10' },
];

/** dbgen's table sizes are multiples of rows / 6,000,000; small runs still get enough keys. */
const keysOf = (perScale: number): string => `greatest(2000, n * ${perScale} // 6000000)`;
const C_KEY = below(keysOf(30_000), 'c_key');
const S_KEY = below(keysOf(2_000), 's_key');
/** Of the part, from which its brand and price follow. */
export const P_KEY = below(keysOf(200_000), 'p_key');

const Q1 = (where: string): string =>
  `SELECT SUM(lo_extendedprice * lo_discount) AS revenue FROM ssb WHERE ${where}`;

const Q2 = (where: string): string =>
  `SELECT SUM(lo_revenue) AS revenue, d_year, p_brand FROM ssb WHERE ${where}
   GROUP BY d_year, p_brand ORDER BY d_year, p_brand`;

const Q3 = (by: 'nation' | 'city', where: string): string =>
  `SELECT c_${by}, s_${by}, d_year, SUM(lo_revenue) AS revenue FROM ssb WHERE ${where}
   GROUP BY c_${by}, s_${by}, d_year ORDER BY d_year, revenue DESC, c_${by}, s_${by}`;

const Q4 = (dimensions: string, where: string): string =>
  `SELECT ${dimensions}, SUM(lo_revenue - lo_supplycost) AS profit FROM ssb WHERE ${where}
   GROUP BY ${dimensions} ORDER BY ${dimensions}`;

const UK = (side: 'c' | 's'): string => `${side}_city IN ('UNITED KI1', 'UNITED KI5')`;
const AMERICA = `c_region = 'AMERICA' AND s_region = 'AMERICA'`;
const TWO_MAKERS = `p_mfgr IN ('MFGR#1', 'MFGR#2')`;

const QUERIES: readonly Query[] = [
  {
    id: 'Q1.1',
    tags: ['filter', 'scan'],
    varve: Q1('d_year = 1993 AND lo_discount BETWEEN 1 AND 3 AND lo_quantity < 25'),
  },
  {
    id: 'Q1.2',
    tags: ['filter', 'scan'],
    varve: Q1(
      'd_yearmonthnum = 199401 AND lo_discount BETWEEN 4 AND 6 AND lo_quantity BETWEEN 26 AND 35',
    ),
  },
  {
    id: 'Q1.3',
    tags: ['filter', 'scan'],
    varve: Q1(
      'd_weeknuminyear = 6 AND d_year = 1994 AND lo_discount BETWEEN 5 AND 7 AND lo_quantity BETWEEN 26 AND 35',
    ),
  },
  {
    id: 'Q2.1',
    tags: ['filter', 'rollup'],
    varve: Q2(`p_category = 'MFGR#12' AND s_region = 'AMERICA'`),
  },
  {
    id: 'Q2.2',
    tags: ['filter', 'rollup'],
    varve: Q2(`p_brand BETWEEN 'MFGR#2221' AND 'MFGR#2228' AND s_region = 'ASIA'`),
  },
  {
    id: 'Q2.3',
    tags: ['filter', 'rollup'],
    varve: Q2(`p_brand = 'MFGR#2239' AND s_region = 'EUROPE'`),
  },
  {
    id: 'Q3.1',
    tags: ['filter', 'rollup'],
    varve: Q3('nation', `c_region = 'ASIA' AND s_region = 'ASIA' AND d_year BETWEEN 1992 AND 1997`),
  },
  {
    id: 'Q3.2',
    tags: ['filter', 'rollup'],
    varve: Q3(
      'city',
      `c_nation = 'UNITED STATES' AND s_nation = 'UNITED STATES' AND d_year BETWEEN 1992 AND 1997`,
    ),
  },
  {
    id: 'Q3.3',
    tags: ['filter', 'rollup'],
    varve: Q3('city', `${UK('c')} AND ${UK('s')} AND d_year BETWEEN 1992 AND 1997`),
  },
  {
    id: 'Q3.4',
    tags: ['filter', 'rollup'],
    varve: Q3('city', `${UK('c')} AND ${UK('s')} AND d_yearmonth = 'Dec1997'`),
  },
  {
    id: 'Q4.1',
    tags: ['filter', 'rollup'],
    varve: Q4('d_year, c_nation', `${AMERICA} AND ${TWO_MAKERS}`),
  },
  {
    id: 'Q4.2',
    tags: ['filter', 'rollup'],
    varve: Q4(
      'd_year, s_nation, p_category',
      `${AMERICA} AND d_year IN (1997, 1998) AND ${TWO_MAKERS}`,
    ),
  },
  {
    id: 'Q4.3',
    tags: ['filter', 'rollup'],
    varve: Q4(
      'd_year, s_city, p_brand',
      `c_region = 'AMERICA' AND s_nation = 'UNITED STATES' AND d_year IN (1997, 1998) AND p_category = 'MFGR#14'`,
    ),
  },
];

export const SSB: DataSet = {
  name: 'ssb',
  columns: COLUMNS,
  time: 'day',
  ranks: {
    // 1992-01-01 to 1998-12-31.
    day: `(DATE '1992-01-01' + ${below(2557, 'day')}::INTEGER)`,
    c_key: C_KEY,
    s_key: S_KEY,
    c_nation_id: below(25, 'c_nation', C_KEY),
    s_nation_id: below(25, 's_nation', S_KEY),
    brand_id: below(1000, 'brand', P_KEY),
    // TPC-H's retail price, in cents.
    price: `(90000 + (${P_KEY} // 10) % 20001 + 100 * (${P_KEY} % 1000))`,
    quantity: `(1 + ${below(50, 'quantity')})`,
    discount: below(11, 'discount'),
  },
  segmentGranularity: 'YEAR',
  // A year follows from the time: sorted so, a filter on it skips rows as it does in the others.
  clickhouseOrder: 'd_year, __time',
  queries: QUERIES,
};
