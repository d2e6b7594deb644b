import type { Column, DataSet } from '../query/data-set.js';
import { unit, zipf } from '../query/random.js';
import { aggregate, COUNT, native, type StarSet, sql, told, unanswerable } from './star-set.js';

/** Rows of a segment are those of a week, from a Monday on, however many they are. */
export const WEEK_MS = 7 * 86_400_000;
const MONDAY = "TIMESTAMP '2026-01-05 00:00:00'";

/** Texts of one length: their order is that of their ranks. */
const named = (name: string, rank: string, digits: number): Column => ({
  name,
  type: 'varchar',
  few: true,
  sql: `'${name}-' || lpad((${rank})::VARCHAR, ${digits}, '0')`,
});

/**
 * Visits of a web site, `segmentRows` of them a week. A few cities, pages and referrers have most of them; a city lies in one
 * country, and a user has a device.
 */
const visits = (segmentRows: number): DataSet => ({
  name: 'web',
  ranks: {
    city_rank: zipf(5000, 'city'),
    user_rank: zipf(1_000_000, 'user'),
  },
  time: `${MONDAY} + to_milliseconds((row * (${WEEK_MS}.0 / ${segmentRows}))::BIGINT)`,
  columns: [
    named('country', `floor(pow(201, ${unit('country', 'city_rank')}))::BIGINT - 1`, 3),
    named('city', 'city_rank', 4),
    named('device', `floor(pow(6, ${unit('device', 'user_rank')}))::BIGINT - 1`, 1),
    named('browser', zipf(30, 'browser'), 2),
    named('page', zipf(2000, 'page'), 4),
    named('referrer', zipf(500, 'referrer'), 3),
    { name: 'user', type: 'integer', sql: 'user_rank' },
    { name: 'views', type: 'integer', sql: zipf(40, 'views') },
    { name: 'revenue', type: 'integer', sql: `floor(pow(50000, ${unit('revenue')})) - 1` },
    { name: 'duration', type: 'double', sql: `round(pow(3600, ${unit('duration')}), 3)` },
  ],
  segmentGranularity: 'WEEK',
  clickhouseOrder: 'country, __time',
  queries: [],
});

const VIEWS = aggregate('longSum', 'views');
const REVENUE = aggregate('longSum', 'revenue');
const DURATION = aggregate('doubleSum', 'duration');
const SUMS = [COUNT, VIEWS, REVENUE, DURATION];
const EXTREMES = [aggregate('doubleMin', 'duration'), aggregate('doubleMax', 'duration')];
/** As SQL's APPROX_COUNT_DISTINCT asks for it. */
const USERS = {
  type: 'cardinality',
  name: 'users',
  fields: [{ type: 'default', dimension: 'user', outputName: 'user', outputType: 'LONG' }],
  byRow: false,
  round: true,
};

const DAY = { name: '__time', granularity: 'day' };
const HOUR = { name: '__time', granularity: 'hour' };
const tree = (dimensions: StarSet['trees'][number]['dimensions'], metrics: readonly object[]) => ({
  dimensions,
  metrics: metrics as StarSet['trees'][number]['metrics'],
  maxLeafRecords: 200,
});

const TREES = [
  tree(['country', 'browser', 'device', DAY], [...SUMS, ...EXTREMES]),
  tree(['country', HOUR, 'device'], SUMS),
  tree(['page', 'device', DAY], SUMS),
  tree(['referrer', 'country'], SUMS),
  tree([told('country'), 'city'], SUMS),
  tree(['country', 'device', DAY], [COUNT, USERS]),
];

const EVER = ['2026-01-01/2036-01-01'];
const AGGREGATIONS = [VIEWS, REVENUE];

/** Of a country that has one row in some thousands: its node is a leaf. */
const RARE = "country = 'country-150'";

const QUERIES = [
  sql('total', 'SELECT SUM(views) AS v, SUM(revenue) AS r FROM web'),
  sql('by country', 'SELECT country, SUM(views) AS v FROM web GROUP BY country'),
  sql(
    'by device and browser',
    'SELECT device, browser, COUNT(*) AS c, SUM(revenue) AS r FROM web GROUP BY device, browser',
  ),
  native('topN of pages', {
    queryType: 'topN',
    dataSource: 'web',
    intervals: EVER,
    granularity: 'all',
    dimension: 'page',
    metric: VIEWS.name,
    threshold: 20,
    aggregations: AGGREGATIONS,
  }),
  native('timeseries by hour', {
    queryType: 'timeseries',
    dataSource: 'web',
    intervals: EVER,
    granularity: 'hour',
    aggregations: AGGREGATIONS,
    context: { skipEmptyBuckets: true },
  }),
  sql('by day', 'SELECT FLOOR(__time TO DAY) AS d, SUM(views) AS v FROM web GROUP BY 1 ORDER BY 1'),
  sql(
    'by week and country, =',
    `SELECT FLOOR(__time TO WEEK) AS w, SUM(revenue) AS r FROM web WHERE country = 'country-007' GROUP BY 1`,
  ),
  sql(
    'IN, by country',
    `SELECT country, SUM(views) AS v FROM web WHERE device IN ('device-1', 'device-3') GROUP BY country`,
  ),
  sql(
    'range, by device',
    `SELECT device, SUM(views) AS v FROM web WHERE country >= 'country-010' AND country < 'country-020' GROUP BY device`,
  ),
  sql(
    'NOT, by browser',
    `SELECT browser, SUM(views) AS v FROM web WHERE device <> 'device-0' GROUP BY browser`,
  ),
  sql(
    'OR in a dimension',
    `SELECT device, SUM(views) AS v FROM web WHERE country = 'country-001' OR country = 'country-005' GROUP BY device`,
  ),
  sql(
    'AND across, by hour',
    `SELECT FLOOR(__time TO HOUR) AS h, SUM(views) AS v FROM web WHERE country = 'country-003' AND device = 'device-1' GROUP BY 1`,
  ),
  sql('AVG by country', 'SELECT country, AVG(duration) AS a FROM web GROUP BY country'),
  sql(
    'MIN and MAX by device',
    'SELECT device, MIN(duration) AS a, MAX(duration) AS b FROM web GROUP BY device',
  ),
  sql(
    'distinct users by country',
    'SELECT country, APPROX_COUNT_DISTINCT("user") AS u FROM web GROUP BY country',
  ),
  sql(
    'HAVING, ORDER BY LIMIT',
    'SELECT referrer, SUM(views) AS v FROM web GROUP BY referrer HAVING SUM(views) > 1000 ORDER BY v DESC, referrer LIMIT 20',
  ),
  sql(
    'top cities of a country',
    `SELECT city, SUM(revenue) AS r FROM web WHERE country = 'country-002' GROUP BY city ORDER BY r DESC, city LIMIT 10`,
  ),
  sql(
    'a leaf, by browser and day',
    `SELECT browser, FLOOR(__time TO DAY) AS d, SUM(views) AS v FROM web WHERE ${RARE} GROUP BY 1, 2`,
  ),
  sql(
    'leaves, by device',
    `SELECT device, SUM(views) AS v FROM web WHERE country >= 'country-120' AND browser = 'browser-03' GROUP BY device`,
  ),
  unanswerable('sum of a product', 'SELECT country, SUM(views * revenue) AS x FROM web GROUP BY 1'),
  unanswerable(
    'city and page',
    `SELECT city, COUNT(*) AS c FROM web WHERE page = 'page-0003' GROUP BY city`,
  ),
  unanswerable(
    'one user',
    `SELECT country, SUM(views) AS v FROM web WHERE "user" = 4711 GROUP BY country`,
  ),
];

export const web = (segmentRows: number): StarSet => ({
  dataSet: visits(segmentRows),
  trees: TREES,
  queries: QUERIES,
});
