import type { Query } from './data-set.js';
import { approximately } from './query-forms.js';

/** Distinct counts by a dimension, and quantiles by time bucket: what dashboards ask of sketches. */

interface DistinctBy {
  readonly id: string;
  readonly dimensions: readonly string[];
  /** What is counted. */
  readonly column: string;
  /** Table and filter. */
  readonly from: string;
  /** The groups with the most rows, of many. */
  readonly limit?: number;
}

/** Of single groups of many some are off by several standard errors, of 2.3 % each. */
const WITHIN = 0.12;

/** ClickHouse's fastest estimate whose error is like ours: 1.6 %. Its others are off by less, DuckDB's by some 13 %. */
const PEER = 'uniqHLL12';

function distinctBy({ id, dimensions, column, from, limit }: DistinctBy): Query {
  const keys = dimensions.map((_, i) => i + 1).join(', ');
  const order = limit === undefined ? keys : `c DESC, ${keys} LIMIT ${limit}`;
  const named = dimensions.map((dimension, i) => `${dimension} AS k${i}`).join(', ');
  return approximately(
    {
      id,
      tags: ['distinctBy'],
      varve: `SELECT ${named}, COUNT(*) AS c, APPROX_COUNT_DISTINCT(${column}) AS u FROM ${from} GROUP BY ${keys} ORDER BY ${order}`,
    },
    [dimensions.length + 1],
    { peer: PEER, within: WITHIN },
  );
}

/** Of all groups, however many: what no order and no limit can leave out. */
const meanDistinctBy = (id: string, dimension: string, column: string, from: string): Query =>
  approximately(
    {
      id,
      tags: ['distinctBy'],
      varve: `SELECT COUNT(*) AS n, SUM(u) * 1.0 / COUNT(*) AS a FROM (SELECT ${dimension} AS k, APPROX_COUNT_DISTINCT(${column}) AS u FROM ${from} GROUP BY 1) AS g`,
    },
    [1],
    { peer: PEER, within: WITHIN },
  );

/** Of values that are even in their logarithms: 2 % of the rows are half of the value. */
const QUANTILES_WITHIN = 0.6;

const FRACTIONS = [0.5, 0.95, 0.99];

/** The median and two high quantiles; each engine computes them of one sketch. */
function quantilesBy(id: string, dimensions: readonly string[], column: string): Query {
  const keys = dimensions.map((_, i) => i + 1).join(', ');
  const named = dimensions.map((dimension, i) => `${dimension} AS k${i}`).join(', ');
  const each = (text: (fraction: number) => string) => FRACTIONS.map(text).join(', ');
  const of = (quantiles: string) =>
    `SELECT ${named}, ${quantiles} FROM wiki GROUP BY ${keys} ORDER BY ${keys}`;
  const list = (quantiles: string) =>
    `SELECT ${dimensions.map((_, i) => `k${i}`).join(', ')}, q[1], q[2], q[3] FROM (${of(`${quantiles} AS q`)}) ORDER BY ${keys}`;
  return {
    id,
    tags: ['quantilesBy'],
    varve: of(each((fraction) => `APPROX_QUANTILE_DS(${column}, ${fraction})`)),
    duckdb: list(`approx_quantile(${column}, [${FRACTIONS}])`),
    clickhouse: list(`quantilesTDigest(${FRACTIONS})(${column})`),
    approximate: {
      exact: of(each((fraction) => `quantile_disc(${column}, ${fraction})`)),
      columns: FRACTIONS.map((_, i) => dimensions.length + i),
      within: QUANTILES_WITHIN,
    },
  };
}

const DAY = `DATE_TRUNC('day', __time)`;
const HOUR = `DATE_TRUNC('hour', __time)`;

const ofWiki = (id: string, dimensions: readonly string[], from = 'wiki', limit?: number): Query =>
  distinctBy({ id, dimensions, column: '"user"', from, ...(limit === undefined ? {} : { limit }) });

const ofHits = (id: string, dimensions: readonly string[], from = 'hits', limit?: number): Query =>
  distinctBy({ id, dimensions, column: 'UserID', from, ...(limit === undefined ? {} : { limit }) });

export const WIKI_SKETCHES: readonly Query[] = [
  ofWiki('W21 users by channel', ['channel']),
  ofWiki('W22 users by city', ['cityName']),
  ofWiki('W23 users by day and channel', [DAY, 'channel']),
  ofWiki('W24 users by channel, filter', ['channel'], `wiki WHERE isRobot = 'false'`),
  ofWiki('W25 users by page', ['page'], 'wiki', 100),
  distinctBy({ id: 'W26 pages by channel', dimensions: ['channel'], column: 'page', from: 'wiki' }),
  distinctBy({
    id: 'W27 pages by user',
    dimensions: ['"user"'],
    column: 'page',
    from: 'wiki',
    limit: 100,
  }),
  meanDistinctBy('W30 users of a page', 'page', '"user"', 'wiki'),
  quantilesBy('W28 quantiles by hour', [HOUR], 'added'),
  quantilesBy('W29 quantiles by day and channel', [DAY, 'channel'], 'added'),
];

export const HITS_SKETCHES: readonly Query[] = [
  ofHits('H26 users by OS', ['OS']),
  ofHits('H27 users by day and source', [DAY, 'TraficSourceID']),
  ofHits('H28 users by region', ['RegionID'], 'hits', 100),
  ofHits('H29 users by region, filter', ['RegionID'], 'hits WHERE IsRefresh = 0', 100),
  ofHits('H30 users by counter', ['CounterID'], 'hits', 100),
  meanDistinctBy('H31 users of a region', 'RegionID', 'UserID', 'hits'),
];
