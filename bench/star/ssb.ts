import type { DataSet } from '../query/data-set.js';
import { SSB } from '../query/ssb.js';
import { aggregate, COUNT, native, type StarSet, sql, told, unanswerable } from './star-set.js';

/** The Star Schema Benchmark's flat table, its orders in order of their days. */
const ORDERS: DataSet = {
  ...SSB,
  ranks: { ...SSB.ranks, day: `(DATE '1992-01-01' + (row * 2557 // n)::INTEGER)` },
  queries: [],
};

const REVENUE = aggregate('longSum', 'lo_revenue');
const COST = aggregate('longSum', 'lo_supplycost');
const QUANTITY = aggregate('longSum', 'lo_quantity');
const SUMS = [COUNT, REVENUE, COST, QUANTITY];
const EXTREMES = [aggregate('longMin', 'lo_revenue'), aggregate('longMax', 'lo_revenue')];
/** As SQL's APPROX_COUNT_DISTINCT asks for it. */
const BRANDS = {
  type: 'cardinality',
  name: 'brands',
  fields: [{ type: 'default', dimension: 'p_brand', outputName: 'p_brand', outputType: 'STRING' }],
  byRow: false,
  round: true,
};
const DAY = { name: '__time', granularity: 'day' };

const tree = (
  dimensions: StarSet['trees'][number]['dimensions'],
  metrics: StarSet['trees'][number]['metrics'],
) => ({ dimensions, metrics, maxLeafRecords: 200 });

const TREES: StarSet['trees'] = [
  // A region is told by its nation, a maker by its category: behind them they take hardly any records.
  tree(
    ['c_nation', 's_nation', 'p_category', 'd_year', 'c_region', 's_region', 'p_mfgr'],
    [...SUMS, ...EXTREMES],
  ),
  // Queries that drill down always say where: what they say stands first, and nothing is added up without it.
  tree([told('p_category'), 'p_brand', 's_region', 'd_year'], SUMS),
  tree([told('c_region'), told('s_region'), 'd_year', 'c_nation', 's_nation'], SUMS),
  tree([told('c_nation'), told('s_nation'), 'c_city', 's_city', 'd_year'], [COUNT, REVENUE]),
  tree(['c_region', 'p_mfgr', DAY], SUMS),
  tree(['lo_shipmode', 'c_region', told('d_year'), 'd_yearmonthnum'], [...SUMS, BRANDS]),
];

const EVER = ['1992-01-01/1999-01-01'];
const AMERICA = `c_region = 'AMERICA' AND s_region = 'AMERICA'`;
const TWO_MAKERS = `p_mfgr IN ('MFGR#1', 'MFGR#2')`;
const UK = (side: 'c' | 's') => `${side}_city IN ('UNITED KI1', 'UNITED KI5')`;
const Q2 = (where: string) =>
  `SELECT SUM(lo_revenue) AS revenue, d_year, p_brand FROM ssb WHERE ${where}
   GROUP BY d_year, p_brand ORDER BY d_year, p_brand`;
const Q3 = (by: 'nation' | 'city', where: string) =>
  `SELECT c_${by}, s_${by}, d_year, SUM(lo_revenue) AS revenue FROM ssb WHERE ${where}
   GROUP BY c_${by}, s_${by}, d_year ORDER BY d_year, revenue DESC, c_${by}, s_${by}`;
const Q4 = (dimensions: string, where: string) =>
  `SELECT ${dimensions}, SUM(lo_revenue) - SUM(lo_supplycost) AS profit FROM ssb WHERE ${where}
   GROUP BY ${dimensions} ORDER BY ${dimensions}`;

const QUERIES: StarSet['queries'] = [
  sql('total', 'SELECT SUM(lo_revenue) AS r, SUM(lo_quantity) AS q FROM ssb'),
  sql('by year', 'SELECT d_year, SUM(lo_revenue) AS r FROM ssb GROUP BY d_year'),
  sql('Q2.1', Q2(`p_category = 'MFGR#12' AND s_region = 'AMERICA'`)),
  sql('Q2.2, range', Q2(`p_brand BETWEEN 'MFGR#2221' AND 'MFGR#2228' AND s_region = 'ASIA'`)),
  sql('Q2.3', Q2(`p_brand = 'MFGR#2239' AND s_region = 'EUROPE'`)),
  sql(
    'Q3.1',
    Q3('nation', `c_region = 'ASIA' AND s_region = 'ASIA' AND d_year BETWEEN 1992 AND 1997`),
  ),
  sql(
    'Q3.2',
    Q3(
      'city',
      `c_nation = 'UNITED STATES' AND s_nation = 'UNITED STATES' AND d_year BETWEEN 1992 AND 1997`,
    ),
  ),
  sql('Q3.3, leaves', Q3('city', `${UK('c')} AND ${UK('s')} AND d_year BETWEEN 1992 AND 1997`)),
  sql('Q4.1', Q4('d_year, c_nation', `${AMERICA} AND ${TWO_MAKERS}`)),
  sql(
    'Q4.2',
    Q4('d_year, s_nation, p_category', `${AMERICA} AND d_year IN (1997, 1998) AND ${TWO_MAKERS}`),
  ),
  native('topN of brands', {
    queryType: 'topN',
    dataSource: 'ssb',
    intervals: EVER,
    granularity: 'all',
    dimension: 'p_brand',
    metric: REVENUE.name,
    threshold: 20,
    aggregations: [REVENUE],
  }),
  native('timeseries by week', {
    queryType: 'timeseries',
    dataSource: 'ssb',
    intervals: EVER,
    granularity: 'week',
    aggregations: [REVENUE, QUANTITY],
    context: { skipEmptyBuckets: true },
  }),
  sql(
    'by day, =',
    `SELECT FLOOR(__time TO DAY) AS d, SUM(lo_revenue) AS r FROM ssb WHERE c_region = 'EUROPE' GROUP BY 1`,
  ),
  sql(
    'NOT, by mode',
    `SELECT lo_shipmode, SUM(lo_revenue) AS r FROM ssb WHERE c_region <> 'ASIA' GROUP BY lo_shipmode`,
  ),
  sql(
    'OR in a dimension',
    `SELECT d_year, SUM(lo_revenue) AS r FROM ssb WHERE c_nation = 'CHINA' OR c_nation = 'FRANCE' GROUP BY d_year`,
  ),
  sql('AVG by nation', 'SELECT c_nation, AVG(lo_quantity) AS a FROM ssb GROUP BY c_nation'),
  sql(
    'MIN and MAX by category',
    'SELECT p_category, MIN(lo_revenue) AS a, MAX(lo_revenue) AS b FROM ssb GROUP BY p_category',
  ),
  sql(
    'distinct brands by month',
    'SELECT d_yearmonthnum, APPROX_COUNT_DISTINCT(p_brand) AS b FROM ssb GROUP BY d_yearmonthnum',
  ),
  sql(
    'HAVING, ORDER BY LIMIT',
    'SELECT p_brand, SUM(lo_revenue) AS r FROM ssb GROUP BY p_brand HAVING SUM(lo_revenue) > 1000 ORDER BY r DESC, p_brand LIMIT 20',
  ),
  unanswerable(
    'Q1.1, sum of a product',
    'SELECT SUM(lo_extendedprice * lo_discount) AS revenue FROM ssb WHERE d_year = 1993 AND lo_discount BETWEEN 1 AND 3 AND lo_quantity < 25',
  ),
  unanswerable(
    'Q3.4, city and month',
    `SELECT c_city, s_city, d_year, SUM(lo_revenue) AS revenue FROM ssb WHERE ${UK('c')} AND ${UK('s')} AND d_yearmonth = 'Dec1997' GROUP BY c_city, s_city, d_year`,
  ),
  unanswerable(
    'Q4.3, city and brand',
    Q4(
      'd_year, s_city, p_brand',
      `c_region = 'AMERICA' AND s_nation = 'UNITED STATES' AND d_year IN (1997, 1998) AND p_category = 'MFGR#14'`,
    ),
  ),
];

export const ssb = (): StarSet => ({ dataSet: ORDERS, trees: TREES, queries: QUERIES });
