import type { Query, QueryClass } from './data-set.js';
import { WIKI } from './wiki.js';

/**
 * Quantiles of sketches. Varve's promise: 99 times in 100 the rank is off by at most 1.4 % (quantilesDoublesSketch, k = 128) or
 * 1.33 % (KLL, k = 200). The peers' reservoirs of 8,192 values promise the same: 2.58 standard errors of the median are 1.43 %.
 */
const RESERVOIR = 8192;

/** Of thousands of groups some are off by more than what holds 99 times in 100: two and a half times as much. */
const RANKS_OFF = 0.035;

const FRACTIONS = [0.5, 0.95, 0.99];

interface Quantiles {
  readonly id: string;
  /** SQL and name, for Varve's native queries the dimension. */
  readonly keys: readonly Key[];
  /** As SQL. */
  readonly where?: string;
  /** The groups with the most rows. */
  readonly limit?: number;
}

interface Key {
  readonly sql: string;
  /** A native query's dimension, where one is asked. */
  readonly native?: Readonly<Record<string, unknown>>;
}

const numbers = (keys: readonly Key[]): string => keys.map((_, i) => i + 1).join(', ');

const listOf = (text: (fraction: number) => string): string => FRACTIONS.map(text).join(', ');

/** The least and the greatest value that is near enough. */
const rangeOf = (fraction: number): readonly [low: string, high: string] => [
  exactAt(Math.max(0, fraction - RANKS_OFF)),
  exactAt(Math.min(1, fraction + RANKS_OFF)),
];

const exactAt = (rank: number): string => `quantile_disc(added, ${rank.toFixed(4)})`;

/** The statement with what computes quantiles, and the peers', whose quantiles come as one list. */
function statements({ keys, where, limit }: Omit<Quantiles, 'id'>) {
  const named = [...keys.map(({ sql }, i) => `${sql} AS k${i}`), 'COUNT(*) AS c'].join(', ');
  const by = keys.length === 0 ? '' : ` GROUP BY ${numbers(keys)}`;
  const order =
    keys.length === 0
      ? ''
      : limit === undefined
        ? ` ORDER BY ${numbers(keys)}`
        : ` ORDER BY c DESC, ${numbers(keys)} LIMIT ${limit}`;
  const from = `FROM wiki${where === undefined ? '' : ` WHERE ${where}`}`;
  const plain = (quantiles: string) => `SELECT ${named}, ${quantiles} ${from}${by}${order}`;
  const names = [...keys.map((_, i) => `k${i}`), 'c'].join(', ');
  const list = (quantiles: string) =>
    `SELECT ${names}, ${FRACTIONS.map((_, i) => `q[${i + 1}]`).join(', ')} FROM (SELECT ${named}, ${quantiles} AS q ${from}${by})${order}`;
  return { plain, list };
}

function quantiles({ id, ...given }: Quantiles): Query {
  const { plain, list } = statements(given);
  return {
    id,
    tags: ['quantiles'],
    varve: plain(listOf((fraction) => `APPROX_QUANTILE_DS(added, ${fraction})`)),
    duckdb: list(`reservoir_quantile(added, [${FRACTIONS}], ${RESERVOIR})`),
    clickhouse: list(`quantiles(${FRACTIONS})(added)`),
    approximate: {
      exact: plain(listOf((fraction) => rangeOf(fraction).join(', '))),
      columns: FRACTIONS.map((_, i) => given.keys.length + 1 + i),
      isRange: true,
    },
  };
}

/** Likewise by a KLL sketch, which SQL has no name for. */
function kll(given: Quantiles, filter?: Readonly<Record<string, unknown>>): Query {
  return {
    ...quantiles(given),
    tags: ['kll'],
    native: {
      queryType: 'groupBy',
      dataSource: 'wiki',
      intervals: ['2015-09-01/2015-10-02'],
      granularity: 'all',
      virtualColumns: given.keys.flatMap(({ native }) => native ?? []),
      dimensions: given.keys.map(({ sql, native }, i) => ({
        type: 'default',
        dimension: native?.name ?? sql,
        outputName: `k${i}`,
        ...(native && { outputType: native.outputType }),
      })),
      aggregations: [{ type: 'KllDoublesSketch', name: 'c', fieldName: 'added' }],
      postAggregations: FRACTIONS.map((fraction, i) => ({
        type: 'KllDoublesSketchToQuantile',
        name: `q${i}`,
        fraction,
        field: { type: 'fieldAccess', fieldName: 'c' },
      })),
      ...(filter && { filter }),
      ...(given.keys.length > 0 && {
        limitSpec: {
          type: 'default',
          columns: given.keys.map(({ native }, i) => ({
            dimension: `k${i}`,
            direction: 'ascending',
            dimensionOrder: native ? 'numeric' : 'lexicographic',
          })),
        },
      }),
      context: { resultAsArray: true },
    },
  };
}

/** Of all groups, however many: what no order and no limit can leave out. */
function sumOfAll(id: string, key: string): Query {
  const of = (quantile: string) =>
    `SELECT COUNT(*) AS n, SUM(q) AS s FROM (SELECT ${key} AS k, ${quantile} AS q FROM wiki GROUP BY 1) AS g`;
  const [low, high] = rangeOf(0.5);
  return {
    id,
    tags: ['quantiles'],
    varve: of('APPROX_QUANTILE_DS(added, 0.5)'),
    duckdb: of(`reservoir_quantile(added, 0.5, ${RESERVOIR})`),
    clickhouse: of('quantile(0.5)(added)'),
    approximate: {
      exact: `SELECT COUNT(*) AS n, SUM(low) AS l, SUM(high) AS h FROM (SELECT ${key} AS k, ${low} AS low, ${high} AS high FROM wiki GROUP BY 1) AS g`,
      columns: [1],
      isRange: true,
    },
  };
}

const HOUR: Key = {
  sql: `DATE_TRUNC('hour', __time)`,
  native: {
    type: 'expression',
    name: 'hour',
    expression: `timestamp_floor(__time, 'PT1H')`,
    outputType: 'LONG',
  },
};

const CHANNEL: Key = { sql: 'channel' };
const HUMANS = `isRobot = 'false'`;
const GERMAN = `channel = '#de.wikipedia'`;

const QUERIES: readonly Query[] = [
  quantiles({ id: 'P01 all', keys: [] }),
  kll({ id: 'P02 all, KLL', keys: [] }),
  quantiles({ id: 'P03 by namespace', keys: [{ sql: 'namespace' }] }),
  quantiles({ id: 'P04 by channel', keys: [CHANNEL] }),
  kll({ id: 'P05 by channel, KLL', keys: [CHANNEL] }),
  quantiles({ id: 'P06 by user, the busiest', keys: [{ sql: '"user"' }], limit: 100 }),
  quantiles({ id: 'P07 by page, the busiest', keys: [{ sql: 'page' }], limit: 100 }),
  sumOfAll('P08 medians of all users', '"user"'),
  quantiles({ id: 'P09 of one channel', keys: [], where: GERMAN }),
  quantiles({ id: 'P10 of humans, by channel', keys: [CHANNEL], where: HUMANS }),
  kll(
    { id: 'P11 of humans, by channel, KLL', keys: [CHANNEL], where: HUMANS },
    {
      type: 'equals',
      column: 'isRobot',
      matchValueType: 'STRING',
      matchValue: 'false',
    },
  ),
  quantiles({ id: 'P12 by hour', keys: [HOUR] }),
  kll({ id: 'P13 by hour, KLL', keys: [HOUR] }),
  quantiles({ id: 'P14 of one channel, by hour', keys: [HOUR], where: GERMAN }),
  quantiles({
    id: 'P15 by day and namespace',
    keys: [{ sql: `DATE_TRUNC('day', __time)` }, { sql: 'namespace' }],
  }),
];

export const PERCENTILES: QueryClass = { name: 'percentiles', dataSet: WIKI, queries: QUERIES };
