import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CrashRule,
  createLogger,
  cutPowerAt,
  type JsonObject,
  ManualClock,
  PowerCutError,
  SeededRandom,
  utf8Decode,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { emptyStats, type QueryStats } from '../result.js';
import { testLog } from '../star/advise/advise-testing.js';
import { type QueryShape, shapeOf } from './query-shape.js';

const query = (more: JsonObject = {}) =>
  parseNativeQuery({
    queryType: 'groupBy',
    dataSource: 't',
    intervals: '2024-01-01/2024-01-02',
    granularity: 'all',
    dimensions: ['a'],
    aggregations: [{ type: 'count', name: 'n' }],
    ...more,
  });
const statsOf = (more: Partial<QueryStats>): QueryStats => ({ ...emptyStats(), ...more });
const shape = (more: JsonObject): QueryShape => shapeOf(query(more))!.shape;
const byColumn = (i: number) => query({ dimensions: [`column ${i}`] });

/** What a log says that it was asked, column by column, the one asked for longest ago first. */
const columnsOf = (log: ReturnType<typeof testLog>): string[] =>
  log.records().map((record) => record.shape.groups.join());

test('queries of one shape are added up, whatever their literals and names', () => {
  const clock = new ManualClock(1000);
  const log = testLog({ clock });
  const asked = (value: string, name: string) =>
    query({
      filter: { type: 'selector', dimension: 'b', value },
      aggregations: [{ type: 'longSum', name, fieldName: 'x' }],
      context: { queryId: value },
      limitSpec: { type: 'default', limit: value.length },
    });
  log.add(asked('Anna', 'p'), statsOf({ scanMs: 3, mergeMs: 1, rowsScanned: 10 }));
  clock.advance(5);
  const trees = { treeSegments: 2, treeRecords: 6, treeRows: 900 };
  log.add(asked('Bertram', 'q'), statsOf({ scanMs: 2, rowsScanned: 7, ...trees }));
  expect(log.records('t')).toEqual([
    {
      table: 't',
      shape: {
        queryType: 'groupBy',
        span: { period: 'P1D', aligned: 'day' },
        time: null,
        groups: ['a'],
        conditions: [{ columns: ['b'], kind: 'in', values: 1 }],
        aggregations: [{ spec: { fieldName: 'x', type: 'longSum' }, isWhole: true, where: [] }],
      },
      lastMs: 1005,
      count: 2,
      totalMs: 6,
      rows: 17,
      treeCount: 1,
      treeRecords: 6,
      treeRows: 900,
    },
  ]);
  expect(log.records('other')).toEqual([]);
});

test('nothing is done before there is time for it', () => {
  const soon: (() => void)[] = [];
  const log = testLog({ soon: (run) => void soon.push(run) });
  log.add(byColumn(1), emptyStats());
  log.add(byColumn(2), emptyStats());
  expect(soon).toHaveLength(1);
  soon[0]!();
  log.add(byColumn(3), emptyStats());
  expect(soon).toHaveLength(2);
  expect(columnsOf(log)).toEqual(['column 1', 'column 2', 'column 3']);
});

describe('shapes', () => {
  test.each([
    ['2024-01-01/2024-01-02', 'P1D', 'day'],
    ['2024-01-01T05:00/2024-01-01T08:00', 'PT6H', 'hour'],
    ['2024-01-01T05:00:00.001/2024-01-01T05:00:30', 'PT1M', null],
    ['2024/2025', 'P366D', 'year'],
    ['1900/2025', 'all', 'year'],
  ])('%s is about %s, cut by %s', (intervals, period, aligned) => {
    expect(shape({ intervals }).span).toEqual({ period, aligned });
  });

  test.each([
    [{ type: 'in', dimension: 'b', values: ['x', 'y', 'z'] }, ['b'], 'in', 4],
    [
      {
        type: 'not',
        field: { type: 'equals', column: 'b', matchValueType: 'STRING', matchValue: 'x' },
      },
      ['b'],
      'not in',
      1,
    ],
    [{ type: 'like', dimension: 'b', pattern: 'secret%' }, ['b'], 'like', 1],
    [
      {
        type: 'or',
        fields: ['x', 'y'].map((value) => ({ type: 'selector', dimension: 'b', value })),
      },
      ['b'],
      'in',
      2,
    ],
    [
      {
        type: 'or',
        fields: ['c', 'b'].map((dimension) => ({ type: 'selector', dimension, value: 'x' })),
      },
      ['b', 'c'],
      'or',
      2,
    ],
    [{ type: 'expression', expression: "concat(c, b) == 'secret'" }, ['b', 'c'], 'expression', 1],
  ])('the condition %j', (filter, columns, kind, values) => {
    expect(shape({ filter }).conditions).toEqual([{ columns, kind, values }]);
  });

  test('conditions of time alone are told by what they cut', () => {
    const expression = "timestamp_extract(__time, 'HOUR', 'UTC')";
    const virtualColumns = [{ type: 'expression', name: 'h', expression, outputType: 'LONG' }];
    const filter = { type: 'selector', dimension: 'h', value: '7' };
    expect(shape({ virtualColumns, filter })).toMatchObject({ time: 'hour', conditions: [] });
  });

  test('virtual columns are the columns that they are made of', () => {
    const virtualColumns = [
      { type: 'expression', name: 'v', expression: "concat(b, 'secret', a)", outputType: 'STRING' },
    ];
    expect(shape({ virtualColumns, dimensions: ['v'] }).groups).toEqual(['a', 'b']);
  });

  test('of nested queries the innermost counts, of a union each table', () => {
    const { spec } = query();
    const outer = query({ dataSource: { type: 'query', query: spec }, dimensions: [] });
    expect(shapeOf(outer)).toEqual(shapeOf(query()));
    const union = query({ dataSource: { type: 'union', dataSources: ['t', 'u'] } });
    const log = testLog();
    log.add(union, statsOf({ rowsScanned: 10, scanMs: 4 }));
    expect(log.records().map(({ table, rows, totalMs }) => [table, rows, totalMs])).toEqual([
      ['t', 5, 2],
      ['u', 5, 2],
    ]);
  });

  test('what groups no rows of a table has no shape', () => {
    const dataSource = { type: 'inline', columnNames: ['a'], rows: [['x']] };
    expect(shapeOf(query({ dataSource }))).toBeNull();
    const scan = { queryType: 'scan', dataSource: 't', intervals: '2024/2025', columns: ['a'] };
    expect(shapeOf(parseNativeQuery(scan))).toBeNull();
  });
});

/** A text that no query has by chance. */
const secret = fc
  .string({ minLength: 1, maxLength: 6 })
  .map((text) => `§${text.replace(/['"\\\\]/g, '')}§`);
const literal = fc.oneof(secret, fc.integer({ min: 987_654_000, max: 987_654_999 }).map(String));

test('no literal of a query is in the log', () => {
  const filters = (value: string): JsonObject[] => [
    { type: 'selector', dimension: 'b', value },
    { type: 'in', dimension: 'b', values: ['a', value] },
    { type: 'bound', dimension: 'b', lower: value },
    { type: 'like', dimension: 'b', pattern: `%${value}` },
    { type: 'search', dimension: 'b', query: { type: 'insensitive_contains', value } },
    { type: 'equals', column: 'b', matchValueType: 'STRING', matchValue: value },
    { type: 'expression', expression: `b == '${value}'` },
    { type: 'range', column: 'b', matchValueType: 'STRING', lower: value },
  ];
  const lookup = { type: 'lookup', lookup: { type: 'map', map: {} }, replaceMissingValueWith: '' };
  const aggregations = (value: string, filter: JsonObject): JsonObject[] => [
    { type: 'filtered', aggregator: { type: 'count', name: 'p' }, filter },
    { type: 'longSum', name: 'q', expression: `if(b == '${value}', x, 0)` },
    {
      type: 'cardinality',
      name: 'r',
      fields: [
        {
          type: 'extraction',
          dimension: 'b',
          outputName: 'o',
          extractionFn: { ...lookup, lookup: { type: 'map', map: { [value]: 'k' } } },
        },
      ],
    },
    { type: 'stringAny', name: value, fieldName: 'b' },
  ];
  fc.assert(
    fc.property(literal, fc.nat(7), fc.nat(3), (value, f, a) => {
      const filter = filters(value)[f]!;
      const asked = query({
        dimensions: [{ type: 'listFiltered', delegate: 'a', values: [value] }],
        virtualColumns: [
          {
            type: 'expression',
            name: 'v',
            expression: `concat(c, '${value}')`,
            outputType: 'STRING',
          },
        ],
        filter: { type: 'and', fields: [filter, { type: 'null', column: 'v' }] },
        aggregations: [aggregations(value, filter)[a]!],
      });
      const log = testLog();
      log.add(asked, emptyStats());
      expect(log.records()).toHaveLength(1);
      expect(JSON.stringify(log.records())).not.toContain(value);
    }),
  );
});

describe('bounds', () => {
  test('the shapes that nobody asked for longest are forgotten', () => {
    const log = testLog({ maxShapes: 3 });
    for (const i of [1, 2, 3, 1, 4, 5]) log.add(byColumn(i), emptyStats());
    expect(columnsOf(log)).toEqual(['column 1', 'column 4', 'column 5']);
  });

  test('and those that nobody asked for in a while', () => {
    const clock = new ManualClock(0);
    const disk = new VirtualDisk();
    const log = testLog({ clock, disk, keepMs: 100 });
    log.add(byColumn(1), emptyStats());
    expect(columnsOf(log)).toEqual(['column 1']);
    clock.advance(60);
    log.add(byColumn(2), emptyStats());
    log.write();
    clock.advance(60);
    expect(columnsOf(log)).toEqual(['column 2']);
    clock.advance(60);
    expect(columnsOf(testLog({ clock, disk, keepMs: 100 }))).toEqual([]);
  });

  test('a file has as many lines as there are shapes, and no shape is long', () => {
    const disk = new VirtualDisk();
    const log = testLog({ disk, maxShapes: 10 });
    for (let i = 0; i < 100; i++) log.add(byColumn(i % 25), emptyStats());
    log.add(query({ dimensions: Array.from({ length: 2000 }, (_, i) => `c${i}`) }), emptyStats());
    log.write();
    const lines = utf8Decode(disk.readFile('/log')).trimEnd().split('\n');
    expect(lines).toHaveLength(11);
  });
});

describe('the file', () => {
  test('what was written is read, and added to', () => {
    const disk = new VirtualDisk();
    const log = testLog({ disk });
    for (const i of [1, 2, 1]) log.add(byColumn(i), statsOf({ rowsScanned: 5 }));
    log.write();
    const again = testLog({ disk });
    expect(again.records()).toEqual(log.records());
    again.add(byColumn(2), statsOf({ rowsScanned: 5 }));
    expect(again.records().map(({ count, rows }) => [count, rows])).toEqual([
      [2, 10],
      [2, 10],
    ]);
  });

  test('is not written when there is nothing new', () => {
    const disk = new VirtualDisk();
    const log = testLog({ disk });
    log.add(byColumn(1), emptyStats());
    log.write();
    const { operationCount } = disk;
    log.write();
    expect(disk.operationCount).toBe(operationCount);
  });

  test.each([
    ['nothing', () => new Uint8Array(0)],
    ['half of it', (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)],
    ['zeros', (bytes: Uint8Array) => new Uint8Array(bytes.length)],
    ['another byte', (bytes: Uint8Array) => bytes.with(bytes.length - 9, 0x37)],
    ['another version', () => utf8Encode('{"version":2,"crc32c":0}\n')],
    ['no text', () => Uint8Array.of(0xff, 0xfe, 10, 0xff)],
  ])('of %s is as none, and a warning', (_, damaged) => {
    const disk = new VirtualDisk();
    const log = testLog({ disk });
    for (const i of [1, 2, 3]) log.add(byColumn(i), emptyStats());
    log.write();
    const bytes = damaged(disk.readFile('/log'));
    disk.create('/log').write(bytes);
    const lines: string[] = [];
    const logger = createLogger({ level: 'warn' }, { write: (line) => void lines.push(line) });
    const again = testLog({ disk, logger });
    expect(again.records()).toEqual([]);
    expect(lines.join()).toMatch(/query log cannot be read/);
    again.add(byColumn(4), emptyStats());
    again.write();
    expect(columnsOf(testLog({ disk }))).toEqual(['column 4']);
  });

  const rules: CrashRule[] = ['synced-only', 'everything', 'torn-last', { random: 0.5 }];
  test.each(rules)(
    'after a power cut at any call (%j) it is as it was at some time, or none',
    (rule) => {
      for (let cut = 0; ; cut++) {
        const disk = new VirtualDisk();
        const states = ['[]'];
        const log = testLog({ disk });
        const { operationCount } = disk;
        disk.setFaults(cutPowerAt(operationCount + cut));
        let isCut = false;
        try {
          for (const i of [1, 2, 3]) {
            log.add(byColumn(i), emptyStats());
            states.push(JSON.stringify(columnsOf(log)));
            log.write();
          }
        } catch (error) {
          expect(error).toBeInstanceOf(PowerCutError);
          isCut = true;
        }
        const found = testLog({ disk: disk.crash(rule, new SeededRandom(cut)) });
        expect(states).toContain(JSON.stringify(columnsOf(found)));
        if (!isCut) return;
      }
    },
  );
});
