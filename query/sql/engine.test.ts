import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../core/index.js';
import { engineWithoutRows } from './testing.js';

const engine = engineWithoutRows(new ManualClock(Date.UTC(2024, 0, 15, 12)), [
  { segment_id: 'a', size: 5 },
  { segment_id: 'b', size: 9 },
]);

const rowsOf = async (query: string, context: object = {}) =>
  (await engine.run({ query, context })).rows;

test.each([
  ["SELECT 1 + 1, 'a' || 'b', NULL", [[2, 'ab', null]]],
  ["SELECT CAST('7' AS BIGINT), CAST(1.9 AS BIGINT), 7 / 2, 7 / 2.0", [[7, 1, 3, 3.5]]],
  ["SELECT COUNT(*) > 0 AS exists_ FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'foo'", [[1]]],
  [
    "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'druid' ORDER BY TABLE_NAME DESC",
    [['numfoo'], ['foo'], ['events']],
  ],
  [
    "SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE, JDBC_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'foo' AND ORDINAL_POSITION IN (1, 8)",
    [
      ['__time', 'TIMESTAMP', 'NO', 93],
      ['unique_dim1', 'COMPLEX<hyperUnique>', 'YES', 1111],
    ],
  ],
  ['SELECT segment_id, "size" FROM sys.segments ORDER BY "size" DESC LIMIT 1', [['b', 9]]],
  [
    "SELECT IS_AGGREGATOR, SIGNATURES FROM INFORMATION_SCHEMA.ROUTINES WHERE ROUTINE_NAME = 'SUM'",
    [['YES', "'SUM(ANY)'"]],
  ],
  ['SELECT CURRENT_DATE, EXTRACT(HOUR FROM CURRENT_TIMESTAMP)', [[Date.UTC(2024, 0, 15), 12]]],
  [
    'VALUES (1, 2), (3, NULL)',
    [
      [1, 2],
      [3, null],
    ],
  ],
  ['SELECT x FROM (VALUES 3, 1, 2) AS v (x) UNION ALL SELECT 9', [[3], [1], [2], [9]]],
  ['SELECT MAX(x) FROM (SELECT x FROM (VALUES 3, 1, 2) AS v (x) ORDER BY x LIMIT 2)', [[2]]],
  [
    'SELECT x, x IN (SELECT y FROM (VALUES 1, 2) AS w (y)) FROM (VALUES 1, 5) AS v (x)',
    [
      [1, 1],
      [5, 0],
    ],
  ],
  [
    'SELECT x FROM (VALUES 1, 5) AS v (x) WHERE x > (SELECT AVG(y) FROM (VALUES 1, 5) AS w (y))',
    [[5]],
  ],
  [
    'SELECT x FROM (VALUES 1, 5) AS v (x) WHERE EXISTS (SELECT 1 FROM (VALUES 1) AS w (y) WHERE y > 3)',
    [],
  ],
  ['SELECT COUNT(*), SUM(x), MIN(x) FROM (VALUES 1, 2) AS v (x) WHERE x > 5', [[0, null, null]]],
  ['SELECT COUNT(DISTINCT x), COUNT(x) FROM (VALUES 1, 1, NULL, 2) AS v (x)', [[2, 3]]],
  ['SELECT x FROM (VALUES 2, NULL, 1) AS v (x) ORDER BY x DESC NULLS FIRST', [[null], [2], [1]]],
  [
    'SELECT x, y FROM (VALUES (1, 1), (2, 1), (NULL, 3)) AS v (x, y) ORDER BY y DESC, -x NULLS LAST LIMIT 2',
    [
      [null, 3],
      [2, 1],
    ],
  ],
  [
    "SELECT y || 'c', COUNT(*) FROM (SELECT x || 'b' AS y FROM (VALUES 'a', 'd', 'a') AS v (x) ORDER BY x LIMIT 2) GROUP BY 1",
    [['abc', 2]],
  ],
  [
    'SELECT x FROM (VALUES 3, 1, 2) AS v (x) UNION ALL SELECT 9 ORDER BY 1 DESC LIMIT 2',
    [[9], [3]],
  ],
  [
    'SELECT MIN(x), MAX(x) FROM (SELECT x FROM (VALUES 3, 1, NULL, 2) AS v (x) ORDER BY x DESC LIMIT 2 OFFSET 1)',
    [[1, 2]],
  ],
] as const)('%s', async (query, expected) => {
  expect(await rowsOf(query)).toEqual(expected);
});

test('an exact COUNT(DISTINCT) beside other aggregates', async () => {
  const query =
    'SELECT k, COUNT(DISTINCT x), COUNT(*), AVG(x), SUM(x) FROM (VALUES (1, 1), (1, 1), (1, 4), (2, NULL)) AS v (k, x) GROUP BY k ORDER BY k';
  expect(await rowsOf(query, { useApproximateCountDistinct: false })).toEqual([
    [1, 2, 3, 2, 6],
    [2, 0, 1, null, null],
  ]);
});

test('EXPLAIN PLAN FOR', async () => {
  const { columns, rows } = await engine.run({
    query: 'EXPLAIN PLAN FOR SELECT COUNT(*) FROM foo',
  });
  expect(columns.map(({ name }) => name)).toEqual(['PLAN', 'RESOURCES', 'ATTRIBUTES']);
  const [plan] = JSON.parse(String(rows[0]![0])) as {
    query: { queryType: string };
    signature: object;
    columnMappings: object;
  }[];
  expect(plan!.query.queryType).toBe('timeseries');
  expect(plan!.signature).toEqual([{ name: 'a0', type: 'LONG' }]);
  expect(plan!.columnMappings).toEqual([{ queryColumn: 'a0', outputColumn: 'EXPR$0' }]);
  expect(rows[0]![1]).toBe('[{"name":"foo","type":"DATASOURCE"}]');
});

test('a subquery that gives too many rows is refused', async () => {
  const query =
    'SELECT x FROM (VALUES 1, 2) AS v (x) WHERE x IN (SELECT y FROM (VALUES 1, 2, 3) AS w (y))';
  await expect(rowsOf(query, { maxSubqueryRows: 2 })).rejects.toThrow(
    'more than maxSubqueryRows [2]',
  );
});

// ---------------------------------------------------------------- random statements

type Cell = number | string | null;
/** A row: n BIGINT, d DOUBLE, s VARCHAR. */
type Row = readonly [number | null, number | null, string | null];

const COLUMNS = ['n', 'd', 's'] as const;
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 4, nil: null });
const row: fc.Arbitrary<Row> = fc.tuple(
  nullable(fc.integer({ min: -3, max: 3 })),
  nullable(fc.integer({ min: -4, max: 4 }).map((n) => n / 2)),
  nullable(fc.constantFrom('', 'a', 'b', 'ab')),
);

const literal = (value: Cell, type: string): string => {
  if (value === null) return `CAST(NULL AS ${type})`;
  if (typeof value === 'string') return `'${value}'`;
  return type === 'DOUBLE' ? `CAST(${value} AS DOUBLE)` : String(value);
};
const valuesOf = (rows: readonly Row[]): string =>
  `(VALUES ${rows.map(([n, d, s]) => `(${literal(n, 'BIGINT')}, ${literal(d, 'DOUBLE')}, ${literal(s, 'VARCHAR')})`).join(', ')}) AS t (n, d, s)`;

/** Three-valued: true, false or null. */
interface Predicate {
  readonly sql: string;
  holds(row: Row): boolean | null;
}

const SIGNS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '>=': (order) => order >= 0,
};
const order = (a: Cell, b: Cell): number => (a! < b! ? -1 : a! > b! ? 1 : 0);

const leaf: fc.Arbitrary<Predicate> = fc.oneof(
  fc
    .tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(...Object.keys(SIGNS)), row)
    .map(([column, sign, values]) => {
      const value = values[column] ?? (column === 2 ? 'a' : 1);
      return {
        sql: `${COLUMNS[column]} ${sign} ${typeof value === 'string' ? `'${value}'` : value}`,
        holds: (r: Row) => (r[column]! === null ? null : SIGNS[sign]!(order(r[column]!, value))),
      };
    }),
  fc.constantFrom(0, 1, 2).map((column) => ({
    sql: `${COLUMNS[column]} IS NULL`,
    holds: (r: Row) => r[column]! === null,
  })),
  fc.constant({ sql: 'n < d', holds: ([n, d]: Row) => (n === null || d === null ? null : n < d) }),
  fc
    .tuple(fc.integer({ min: -3, max: 3 }), nullable(fc.integer({ min: -3, max: 3 })))
    .map(([a, b]) => ({
      sql: `n IN (${a}, ${b === null ? 'NULL' : b})`,
      holds: ([n]: Row) =>
        n === null ? null : n === a || n === b ? true : b === null ? null : false,
    })),
  fc.constant({
    sql: "s LIKE '%b'",
    holds: ([, , s]: Row) => (s === null ? null : s.endsWith('b')),
  }),
  fc.constant({ sql: 's = n', holds: ([n, , s]: Row) => (n === null || s === null ? null : null) }),
);

const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('predicate').map((p) => ({
      sql: `NOT (${p.sql})`,
      holds: (r: Row) => (p.holds(r) === null ? null : !p.holds(r)),
    })),
    tie('predicate').map((p) => ({
      sql: `(${p.sql}) IS NOT TRUE`,
      holds: (r: Row) => p.holds(r) !== true,
    })),
    fc.tuple(tie('predicate'), tie('predicate'), fc.boolean()).map(([a, b, and]) => ({
      sql: `((${a.sql}) ${and ? 'AND' : 'OR'} (${b.sql}))`,
      holds: (r: Row) => {
        const sides = [a.holds(r), b.holds(r)];
        if (sides.includes(!and)) return !and;
        return sides.includes(null) ? null : and;
      },
    })),
  ),
}));

const sum = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0);
const present = (rows: readonly Row[], column: 0 | 1): number[] =>
  rows.flatMap((r) => (r[column] === null ? [] : [r[column]]));

const AGGREGATES: readonly { sql: string; of(rows: readonly Row[]): Cell }[] = [
  { sql: 'COUNT(*)', of: (rows) => rows.length },
  { sql: 'COUNT(s)', of: (rows) => rows.filter(([, , s]) => s !== null).length },
  { sql: 'SUM(n)', of: (rows) => sum(present(rows, 0)) },
  {
    sql: 'SUM(d) * 2',
    of: (rows) => (sum(present(rows, 1)) === null ? null : sum(present(rows, 1))! * 2),
  },
  {
    sql: 'MAX(d)',
    of: (rows) => (present(rows, 1).length === 0 ? null : Math.max(...present(rows, 1))),
  },
  {
    sql: 'AVG(d)',
    of: (rows) =>
      present(rows, 1).length === 0 ? null : sum(present(rows, 1))! / present(rows, 1).length,
  },
  {
    sql: "COUNT(*) FILTER (WHERE s = 'a')",
    of: (rows) => rows.filter(([, , s]) => s === 'a').length,
  },
  {
    sql: 'SUM(n) FILTER (WHERE d > 0)',
    of: (rows) =>
      sum(
        present(
          rows.filter(([, d]) => d !== null && d > 0),
          0,
        ),
      ),
  },
];

const KEYS: readonly { sql: string; of(row: Row): Cell }[] = [
  { sql: 'n', of: ([n]) => n },
  { sql: 's', of: ([, , s]) => s },
  { sql: 'd * 2', of: ([, d]) => (d === null ? null : d * 2 + 0) },
  { sql: "s || 'x'", of: ([, , s]) => (s === null ? null : `${s}x`) },
];

const statement = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 12 }),
  where: fc.option(predicate),
  keys: fc.subarray([...KEYS]),
  aggregates: fc.subarray([...AGGREGATES], { minLength: 1 }),
  limit: fc.option(fc.integer({ min: 0, max: 5 })),
  offset: fc.integer({ min: 0, max: 2 }),
  having: fc.boolean(),
  descending: fc.boolean(),
});

const compareRows =
  (descending: boolean) =>
  (a: readonly Cell[], b: readonly Cell[]): number => {
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i]!, b[i]!];
      const by = x === y ? 0 : x === null ? -1 : y === null ? 1 : order(x, y);
      if (by !== 0) return descending ? -by : by;
    }
    return 0;
  };

test('random grouping statements agree with a naive evaluation', async () => {
  await fc.assert(
    fc.asyncProperty(statement, async (given) => {
      const { rows, where, keys, aggregates, limit, offset, having, descending } = given;
      const items = [...keys, ...aggregates].map(({ sql }, i) => `${sql} AS c${i}`);
      const places = items.map((_, i) => `${i + 1}${descending ? ' DESC' : ''}`).join(', ');
      const sql = [
        `SELECT ${items.join(', ')} FROM ${valuesOf(rows)}`,
        where === null ? '' : `WHERE ${where.sql}`,
        keys.length === 0 ? '' : `GROUP BY ${keys.map((key) => key.sql).join(', ')}`,
        having ? 'HAVING COUNT(*) > 1' : '',
        `ORDER BY ${places}`,
        limit === null ? '' : `LIMIT ${limit}`,
        offset === 0 ? '' : `OFFSET ${offset}`,
      ].join(' ');
      const kept = rows.filter((r) => where === null || where.holds(r) === true);
      const groups = new Map<string, Row[]>(keys.length === 0 ? [['[]', []]] : []);
      for (const r of kept) {
        const key = JSON.stringify(keys.map((k) => k.of(r)));
        groups.set(key, [...(groups.get(key) ?? []), r]);
      }
      const expected = [...groups]
        .filter(([, members]) => !having || members.length > 1)
        .map(([key, members]): Cell[] => [
          ...(JSON.parse(key) as Cell[]),
          ...aggregates.map((a) => a.of(members)),
        ])
        .sort(compareRows(descending))
        .slice(offset, limit === null ? undefined : offset + limit);
      expect({ sql, rows: await rowsOf(sql) }).toEqual({ sql, rows: expected });
    }),
    { numRuns: 300 },
  );
});

test('random selections agree with a naive evaluation', async () => {
  await fc.assert(
    fc.asyncProperty(statement, async ({ rows, where, limit, offset, descending }) => {
      const sql = [
        `SELECT n, d, s, n + d, CASE WHEN n > 0 THEN s ELSE 'none' END FROM ${valuesOf(rows)}`,
        where === null ? '' : `WHERE ${where.sql}`,
        `ORDER BY ${[1, 2, 3].map((i) => `${i}${descending ? ' DESC' : ''}`).join(', ')}`,
        limit === null ? '' : `LIMIT ${limit}`,
        offset === 0 ? '' : `OFFSET ${offset}`,
      ].join(' ');
      const expected = rows
        .filter((r) => where === null || where.holds(r) === true)
        .map(([n, d, s]): Cell[] => [
          n,
          d,
          s,
          n === null || d === null ? null : n + d,
          n !== null && n > 0 ? s : 'none',
        ])
        .sort(compareRows(descending))
        .slice(offset, limit === null ? undefined : offset + limit);
      expect({ sql, rows: await rowsOf(sql) }).toEqual({ sql, rows: expected });
    }),
    { numRuns: 300 },
  );
});
