import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { answer, inline, textOf, told } from './few-rows-testing.js';

const query = { queryType: 'windowOperator', intervals: null };
const names = (...columns: string[]) => columns.map((name) => ({ name }));
const sort = (column: string, direction?: string) => ({
  type: 'naiveSort',
  columns: [{ column, direction }],
});
const window = (processor: unknown) => ({ type: 'window', processor });
/** What a processor makes as `w`, row by row in the order of time. */
const made = async (processor: JsonObject, before: readonly JsonObject[] = []) => {
  const operators = [sort('__time'), ...before, window(processor)];
  const rows = await answer({ ...query, operators, outputSignature: names('w') });
  return (rows as unknown[][]).flat();
};

describe('frames', () => {
  const sums = (frame: JsonObject, before?: readonly JsonObject[]) => {
    const aggregations = [{ type: 'longSum', name: 'w', fieldName: 'rows' }];
    return made({ type: 'framedAgg', frame, aggregations }, before);
  };

  test.each([
    [-1, 1, [2, 3, 3, 3, 2]],
    ['-1', '0', [1, 2, 2, 2, 2]],
    [0, 0, [1, 1, 1, 1, 1]],
    [1, 2, [2, 2, 2, 1, null]],
    [-3, -2, [null, null, 1, 2, 2]],
    [2, 1, [null, null, null, null, null]],
    [null, -1, [null, 1, 2, 3, 4]],
    [1, null, [4, 3, 2, 1, null]],
    [null, null, [5, 5, 5, 5, 5]],
    [-(2n ** 63n), 2n ** 63n - 1n, [5, 5, 5, 5, 5]],
  ])('rows from %s to %s: no row, no sum', async (lowerOffset, upperOffset, expected) => {
    expect(await sums({ type: 'rows', lowerOffset, upperOffset })).toEqual(expected);
    // Each row is a group of its own, until several are equal.
    const groups = { type: 'groups', lowerOffset, upperOffset, orderByColumns: ['__time'] };
    expect(await sums(groups)).toEqual(expected);
  });

  test('groups are neighbours that are equal; without columns all of a partition are', async () => {
    const byPage = [sort('page')];
    const groups = (lowerOffset: number | null, upperOffset: number | null) => ({
      ...{ type: 'groups', lowerOffset, upperOffset },
      orderByColumns: ['page'],
    });
    expect(await sums(groups(null, 0), byPage)).toEqual([1, 2, 4, 4, 5]);
    expect(await sums(groups(-1, 0), byPage)).toEqual([1, 2, 3, 3, 3]);
    expect(await sums(groups(1, 1), byPage)).toEqual([1, 2, 1, 1, null]);
    const orderByColumns: string[] = [];
    const all = { type: 'groups', lowerOffset: 0, upperOffset: 0, orderByColumns };
    expect(await sums(all)).toEqual([5, 5, 5, 5, 5]);
  });

  test('longs beyond 2^53 are exact, and nulls are left out', async () => {
    const of = (type: string) =>
      made({
        type: 'framedAgg',
        frame: { type: 'rows', lowerOffset: -1, upperOffset: 0 },
        aggregations: [{ type, name: 'w', fieldName: 'n' }],
      });
    const long = 9007199254740993n;
    expect(await of('longSum')).toEqual([long, long + 2n, 2, -3, -3]);
    expect(await of('longMax')).toEqual([long, long, 2, -3, 0]);
    expect(await of('count')).toEqual([1, 2, 2, 2, 2]);
  });
});

describe('processors', () => {
  test.each([
    [1, [1, 1, 1, 1, 1]],
    [2, [1, 1, 1, 2, 2]],
    ['3', [1, 1, 2, 2, 3]],
    [5, [1, 2, 3, 4, 5]],
    [7, [1, 2, 3, 4, 5]],
  ])('percentile of %s buckets: the first ones take a row more', async (numBuckets, expected) => {
    expect(await made({ type: 'percentile', outputColumn: 'w', numBuckets })).toEqual(expected);
  });

  test.each([
    [0, [['a', 'b'], 'b', null, ['a', 'c'], '']],
    [1, ['b', null, ['a', 'c'], '', null]],
    ['-2', [null, null, ['a', 'b'], 'b', null]],
    [5, [null, null, null, null, null]],
    [-(2n ** 63n), [null, null, null, null, null]],
  ])('offset by %s, of whole cells', async (offset, expected) => {
    const processor = { type: 'offset', inputColumn: 'tags', outputColumn: 'w', offset };
    expect(await made(processor)).toEqual(expected);
  });

  test.each([
    [{ type: 'rowNumber' }, [1, 2, 3, 4, 5]],
    [{ type: 'rank', group: ['page'] }, [1, 2, 3, 3, 5]],
    [{ type: 'rank', group: ['page'], asPercent: 'true' }, [0, 0.25, 0.5, 0.5, 1]],
    [{ type: 'denseRank', group: ['page'] }, [1, 2, 3, 3, 4]],
    [{ type: 'cumeDist', group: ['page'] }, [0.2, 0.4, 0.8, 0.8, 1]],
    [{ type: 'rank', group: null }, [1, 1, 1, 1, 1]],
    [{ type: 'denseRank', group: ['nowhere'] }, [1, 1, 1, 1, 1]],
    [{ type: 'first', inputColumn: 'page' }, [null, null, null, null, null]],
    [{ type: 'last', inputColumn: 'page' }, ['B', 'B', 'B', 'B', 'B']],
    [{ type: 'last', inputColumn: 'nowhere' }, [null, null, null, null, null]],
  ])('%j over rows by page', async (processor, expected) => {
    expect(await made({ ...processor, outputColumn: 'w' }, [sort('page')])).toEqual(expected);
  });

  test('a partition of one row: no other row to be ahead of', async () => {
    const alone = [{ type: 'naivePartition', partitionColumns: ['__time'] }];
    const rank = { type: 'rank', group: ['page'], outputColumn: 'w' };
    expect(await made({ ...rank, asPercent: true }, alone)).toEqual([0, 0, 0, 0, 0]);
    expect(await made({ ...rank, type: 'cumeDist' }, alone)).toEqual([1, 1, 1, 1, 1]);
  });

  test('those that come later see what was made, and hide it by its name', async () => {
    const rowNumber = { type: 'rowNumber', outputColumn: 'page' };
    const last = { type: 'last', inputColumn: 'page', outputColumn: 'w' };
    const processors = [rowNumber, last, { ...last, inputColumn: 'w' }];
    expect(await made({ type: 'composing', processors })).toEqual([5, 5, 5, 5, 5]);
    expect(await made({ type: 'composing', processors: [] })).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  test('aggregators of one frame see the rows as they came, not each other', async () => {
    const aggregations = [
      { type: 'count', name: 'rows' },
      { type: 'longSum', name: 'w', fieldName: 'rows' },
    ];
    const frame = { type: 'unbounded' };
    expect(await made({ type: 'framedAgg', frame, aggregations })).toEqual([5, 5, 5, 5, 5]);
  });
});

describe('operators', () => {
  const ask = (operators: readonly JsonObject[], outputSignature: readonly JsonObject[]) =>
    answer({ ...query, operators, outputSignature });

  test('a sort has nulls lowest, NaN highest, arrays element by element', async () => {
    const by = async (column: string, direction?: string) =>
      ((await ask([sort(column, direction)], names(column))) as unknown[][]).flat(1);
    const doubles = [null, '-Infinity', 0, 1, 'NaN'];
    expect(await by('d')).toEqual(doubles);
    expect(await by('d', 'desc')).toEqual([...doubles].reverse());
    expect(await by('list', 'ASC')).toEqual([null, [], [null, 1], [1, 2], [3]]);
    expect(await by('page', 'DESC')).toEqual(['B', 'A', 'A', '', null]);
  });

  test('sorts and partitions of nothing, or of what is not there, leave rows as they are', async () => {
    const pages = ['A', 'B', 'A', null, ''].map((page, i) => [page, i + 1]);
    const number = window({ type: 'rowNumber', outputColumn: 'w' });
    const same = [
      { type: 'naiveSort' },
      sort('nowhere'),
      { type: 'partitionSort', columns: [] },
      { type: 'naivePartition' },
      { type: 'glueingPartition', partitionColumns: ['nowhere'] },
    ];
    for (const operator of same) {
      const operators = [sort('__time'), operator, number];
      expect(await ask(operators, names('page', 'w')), operator.type).toEqual(pages);
    }
  });

  test('a scan cuts rows of all partitions, which stay apart', async () => {
    const operators = [
      sort('page'),
      { type: 'naivePartition', partitionColumns: ['page'] },
      { type: 'scan', offsetLimit: { offset: 1, limit: 3 }, projectedColumns: ['page'] },
      window({ type: 'rowNumber', outputColumn: 'w' }),
    ];
    expect(await ask(operators, names('page', 'tags', 'w'))).toEqual([
      ['', null, 1],
      ['A', null, 1],
      ['A', null, 2],
    ]);
  });

  test.each(['operators', 'leafOperators'])('a limit of 0 among the %s: no rows', async (key) => {
    const none = [{ type: 'scan', offsetLimit: { offset: 0, limit: 0 } }];
    const asked = { ...query, operators: [], [key]: none, outputSignature: names('page') };
    expect(await told(asked)).toBe('[]');
  });

  test('no rows go through all of them', async () => {
    const group = ['page'];
    const frame = { type: 'groups', orderByColumns: group };
    const processors = [
      { type: 'rowNumber', outputColumn: 'a' },
      { type: 'rank', outputColumn: 'b', group, asPercent: true },
      { type: 'cumeDist', outputColumn: 'c', group },
      { type: 'percentile', outputColumn: 'd', numBuckets: 3 },
      { type: 'first', inputColumn: 'page', outputColumn: 'e' },
      { type: 'offset', inputColumn: 'page', outputColumn: 'f', offset: 1 },
      { type: 'framedAgg', frame, aggregations: [{ type: 'count', name: 'g' }] },
    ];
    const operators = [
      sort('page'),
      { type: 'naivePartition', partitionColumns: ['page'] },
      { type: 'partitionSort', columns: [{ column: 'n' }] },
      window({ type: 'composing', processors }),
      { type: 'scan', offsetLimit: { offset: 1, limit: 1 } },
    ];
    for (const dataSource of ['nowhere', inline(['page', 'n'], [])]) {
      const asked = { ...query, dataSource, operators, outputSignature: names('page', 'g') };
      expect(await told(asked)).toBe('[]');
    }
  });
});

test('rows are lists, written as the signature has it', async () => {
  const outputSignature = [
    { name: '__time', type: 'LONG' },
    { name: 'n', type: 'DOUBLE' },
    { name: 'f', type: 'long' },
    { name: 'tags', type: 'ARRAY<STRING>' },
    { name: 'page', type: 'LONG' },
    { name: 'd', type: 'STRING' },
    { name: 'u', type: 'STRING' },
  ];
  const operators = [sort('__time'), { type: 'scan', offsetLimit: { offset: 0, limit: 2 } }];
  expect(await told({ ...query, operators, outputSignature })).toBe(
    '[[3600000,9.007199254740992E15,0,["a","b"],null,"1.0","AQsAAAO92BQ="],' +
      '[7200000,2.0,1,["b"],null,"NaN","AQsAAAFz5ig="]]',
  );
});

test.each([
  [{ type: 'framedAgg', frame: null, aggregations: [] }, 'frame: want an object with a "type"'],
  [
    {
      type: 'framedAgg',
      frame: { type: 'unbounded' },
      aggregations: ['a', 'b'].map(() => ({ type: 'count', name: 'w' })),
    },
    'aggregations[1].name: [w] already defined',
  ],
  [
    { type: 'framedAgg', frame: { type: 'groups', orderByColumns: 'page' }, aggregations: [] },
    'frame.orderByColumns: want a list of texts; got "page"',
  ],
  [
    { type: 'framedAgg', frame: { type: 'groups', orderByColumns: ['u'] }, aggregations: [] },
    'frame: values of column [u] are COMPLEX<hyperUnique>, which have no order',
  ],
  [{ type: 'percentile', outputColumn: 'w', numBuckets: 2.5 }, 'numBuckets: want an integer'],
  [{ type: 'percentile', outputColumn: 'w' }, 'numBuckets: want 1 or more; got nothing'],
  [{ type: 'rank', outputColumn: 'w', group: 'page' }, 'group: want a list of texts; got "page"'],
  [{ type: 'rank', outputColumn: 'w', group: ['u'] }, 'group: values of column [u] are COMPLEX<'],
  [{ type: 'rank', outputColumn: '' }, 'outputColumn: must not be empty'],
  [{ type: 'last', outputColumn: 'w' }, 'inputColumn: want a text; got nothing'],
  [{ type: 'composing', processors: {} }, 'processors: want a list'],
])('%j is refused', async (processor, message) => {
  const asked = { ...query, operators: [window(processor)], outputSignature: names('w') };
  await expect(textOf(asked)).rejects.toThrow(`operators[0].processor.${message}`);
});

test.each([
  [window(null), 'processor: want an object with a "type"; got null'],
  [{ type: 'naiveSort', columns: ['page'] }, 'columns[0]: want an object; got "page"'],
  [{ type: 'naiveSort', columns: [{}] }, 'columns[0].column: want a text; got nothing'],
  [sort('u'), 'columns: values of column [u] are COMPLEX<hyperUnique>, which have no order'],
  [{ type: 'naivePartition', partitionColumns: 'page' }, 'partitionColumns: want a list of texts'],
  [{ type: 'naivePartition', partitionColumns: ['u'] }, 'partitionColumns: values of column [u]'],
  [{ type: 'scan', offsetLimit: [1] }, 'offsetLimit: want an object; got [1]'],
  [{ type: 'scan', timeRange: {} }, 'timeRange: want a text; got {}'],
  [{ type: 'scan', filter: {} }, 'filter'],
])('%j is refused', async (operator, message) => {
  const asked = { ...query, operators: [operator], outputSignature: names('page') };
  await expect(textOf(asked)).rejects.toThrow(`operators[0].${message}`);
});
