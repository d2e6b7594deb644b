/** A query whose answer is the same wherever the data lie. */
export interface SameQuery {
  readonly name: string;
  readonly native?: object;
  readonly sql?: string;
  /** Of a scan that asks for no order: its rows come in any. */
  readonly anyOrder?: true;
}

const INTERVAL = '2024-01-01/2024-01-08';
const events = { dataSource: 'events', intervals: INTERVAL, granularity: 'all' };

const AGGREGATIONS = [
  { type: 'count', name: 'n' },
  { type: 'longSum', name: 'added', fieldName: 'added' },
  { type: 'longMax', name: 'big', fieldName: 'big' },
  { type: 'doubleSum', name: 'price', fieldName: 'price' },
  { type: 'doubleMin', name: 'cheapest', fieldName: 'price' },
];

const german = { type: 'selector', dimension: 'country', value: 'de' };

const scan = (changes: object) => ({
  queryType: 'scan',
  dataSource: 'events',
  intervals: INTERVAL,
  resultFormat: 'compactedList',
  columns: ['__time', 'country', 'page', 'user', 'big', 'price'],
  ...changes,
});

const groupBy = (changes: object) => ({
  queryType: 'groupBy',
  ...events,
  dimensions: ['country'],
  aggregations: AGGREGATIONS,
  ...changes,
});

const topN = (changes: object) => ({
  queryType: 'topN',
  ...events,
  dimension: 'page',
  metric: 'added',
  threshold: 7,
  aggregations: AGGREGATIONS,
  ...changes,
});

const NATIVE: Record<string, object> = {
  'timeseries by hour': {
    queryType: 'timeseries',
    ...events,
    granularity: 'hour',
    aggregations: AGGREGATIONS,
  },
  'timeseries with a filter, backwards': {
    queryType: 'timeseries',
    ...events,
    granularity: 'day',
    descending: true,
    filter: german,
    aggregations: AGGREGATIONS,
    postAggregations: [
      {
        type: 'arithmetic',
        name: 'mean',
        fn: '/',
        fields: [
          { type: 'fieldAccess', fieldName: 'price' },
          { type: 'fieldAccess', fieldName: 'n' },
        ],
      },
    ],
  },
  'timeseries in a time zone': {
    queryType: 'timeseries',
    ...events,
    granularity: { type: 'period', period: 'P1D', timeZone: 'America/New_York' },
    aggregations: AGGREGATIONS,
  },
  'topN by a sum': topN({}),
  'topN of many values, a day each': topN({ dimension: 'user', granularity: 'day' }),
  'topN by text': topN({ metric: { type: 'dimension', ordering: 'lexicographic' } }),
  'groupBy with nulls': groupBy({}),
  'groupBy of two, with having and a limit': groupBy({
    dimensions: ['country', 'page'],
    having: { type: 'greaterThan', aggregation: 'n', value: 3 },
    limitSpec: {
      type: 'default',
      limit: 50,
      columns: [{ dimension: 'added', direction: 'descending' }, 'country', 'page'],
    },
  }),
  'groupBy of lists': groupBy({ dimensions: ['tags'], granularity: 'day' }),
  'groupBy of big integers': groupBy({
    aggregations: [{ type: 'longMin', name: 'least', fieldName: 'big' }],
    dimensions: [{ type: 'default', dimension: 'big', outputType: 'LONG' }],
  }),
  'groupBy with subtotals': groupBy({
    dimensions: ['country', 'tags'],
    subtotalsSpec: [['country', 'tags'], ['country'], []],
  }),
  'groupBy over a groupBy': groupBy({
    dataSource: { type: 'query', query: groupBy({ dimensions: ['country', 'user'] }) },
    aggregations: [
      { type: 'count', name: 'users' },
      { type: 'longMax', name: 'most', fieldName: 'n' },
    ],
  }),
  'groupBy over an expression': groupBy({
    virtualColumns: [{ type: 'expression', name: 'v', expression: 'big % 97', outputType: 'LONG' }],
    dimensions: [{ type: 'default', dimension: 'v', outputType: 'LONG' }],
  }),
  'groupBy over a join': groupBy({
    dataSource: {
      type: 'join',
      left: 'events',
      right: {
        type: 'query',
        query: { ...scan({}), dataSource: 'countries', columns: ['code', 'name'] },
      },
      rightPrefix: 'r.',
      condition: 'country == "r.code"',
      joinType: 'LEFT',
    },
    dimensions: ['country', 'r.name'],
  }),
  'inner join with rows of the query': groupBy({
    dataSource: {
      type: 'join',
      left: 'events',
      right: {
        type: 'inline',
        columnNames: ['code', 'weight'],
        columnTypes: ['STRING', 'LONG'],
        rows: [
          ['de', 3],
          ['us', 4],
          ['de', 5],
        ],
      },
      rightPrefix: 'w.',
      condition: 'country == "w.code"',
      joinType: 'INNER',
    },
    dimensions: ['country', { type: 'default', dimension: 'w.weight', outputType: 'LONG' }],
  }),
  unnest: groupBy({
    dataSource: {
      type: 'unnest',
      base: { type: 'table', name: 'events' },
      virtualColumn: {
        type: 'expression',
        name: 'tag',
        expression: 'mv_to_array(tags)',
        outputType: 'ARRAY<STRING>',
      },
    },
    dimensions: ['tag'],
  }),
  'scan by time': scan({ order: 'ascending', columns: ['__time', 'big', 'price', 'user'] }),
  'scan by time, the last ones': scan({
    order: 'descending',
    limit: 100,
    offset: 17,
    columns: ['__time', 'big', 'user', 'page'],
  }),
  search: {
    queryType: 'search',
    ...events,
    searchDimensions: ['page', 'user'],
    query: { type: 'insensitive_contains', value: 'E 29' },
  },
  timeBoundary: { queryType: 'timeBoundary', dataSource: 'events' },
  'timeBoundary with a filter': {
    queryType: 'timeBoundary',
    dataSource: 'events',
    bound: 'maxTime',
    filter: german,
  },
  segmentMetadata: {
    queryType: 'segmentMetadata',
    dataSource: 'events',
    intervals: INTERVAL,
    merge: true,
    analysisTypes: ['cardinality', 'minmax', 'interval', 'aggregators'],
  },
  dataSourceMetadata: { queryType: 'dataSourceMetadata', dataSource: 'events' },
  'sketches of distinct values': groupBy({
    aggregations: [
      { type: 'HLLSketchBuild', name: 'hll', fieldName: 'user' },
      { type: 'thetaSketch', name: 'theta', fieldName: 'user' },
      { type: 'hyperUnique', name: 'unique', fieldName: 'user' },
      { type: 'cardinality', name: 'cardinality', fields: ['page', 'country'] },
    ],
  }),
  'first and last': groupBy({
    aggregations: [
      { type: 'longFirst', name: 'first', fieldName: 'big' },
      { type: 'longLast', name: 'last', fieldName: 'big' },
    ],
  }),
  'union of tables': {
    queryType: 'timeseries',
    ...events,
    dataSource: { type: 'union', dataSources: ['events', 'countries'] },
    aggregations: [{ type: 'count', name: 'n' }],
  },
};

const SQL: Record<string, string> = {
  'all of a table': 'SELECT COUNT(*), SUM(added), AVG(price), MIN(big), MAX(big) FROM events',
  'a sum beyond 2^53':
    'SELECT country, SUM(big - 9007199254740993) s, MAX(big) FROM events GROUP BY 1',
  'top by a sum':
    'SELECT page, SUM(added) s FROM events GROUP BY page ORDER BY s DESC, page LIMIT 10',
  'by day and country':
    "SELECT TIME_FLOOR(__time, 'P1D') d, country, COUNT(*), COUNT(added), COUNT(DISTINCT page) FROM events GROUP BY 1, 2 ORDER BY 1, 2",
  'exact distinct':
    'SELECT COUNT(DISTINCT "user") FROM (SELECT "user" FROM events WHERE added IS NULL GROUP BY "user")',
  'nulls by three-valued logic':
    "SELECT COUNT(*) FILTER (WHERE country <> 'de'), COUNT(*) FILTER (WHERE NOT (added > 0)), COUNT(*) FILTER (WHERE country IS NULL) FROM events",
  'in a subquery':
    "SELECT COUNT(*) FROM events WHERE page IN (SELECT page FROM events WHERE country = 'jp' GROUP BY page HAVING COUNT(*) > 4)",
  'rows in order': 'SELECT __time, page, big FROM events ORDER BY __time, big LIMIT 200',
  'rows by a column': 'SELECT price, big, page FROM events ORDER BY price DESC, big LIMIT 100',
  'grouping sets':
    'SELECT country, tags, COUNT(*), GROUPING(country, tags) FROM events GROUP BY GROUPING SETS ((country, tags), (country), ()) ORDER BY 4, 1, 2',
  'union all': "SELECT 'e', COUNT(*) FROM events UNION ALL SELECT 'c', COUNT(*) FROM countries",
  'lists of values':
    'SELECT country, ARRAY_AGG(DISTINCT tags) FROM events WHERE added > 6900 GROUP BY 1 ORDER BY 1',
  'distinct by sketches':
    'SELECT APPROX_COUNT_DISTINCT_DS_THETA("user"), APPROX_COUNT_DISTINCT_DS_HLL(page) FROM events',
  'tables and columns':
    "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'druid' ORDER BY 1, 2",
  'segments that are used':
    'SELECT datasource, COUNT(*), SUM(num_rows) FROM sys.segments WHERE is_active = 1 GROUP BY 1 ORDER BY 1',
};

export const SAME_QUERIES: readonly SameQuery[] = [
  ...Object.entries(NATIVE).map(([name, native]) => ({ name, native })),
  { name: 'scan in any order', native: scan({}), anyOrder: true },
  { name: 'scan of some rows', native: scan({ filter: german }), anyOrder: true },
  ...Object.entries(SQL).map(([name, sql]) => ({ name: `SQL: ${name}`, sql })),
];
