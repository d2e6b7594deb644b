import { expect, test } from 'vitest';
import { parseInterval } from '../../model/index.js';
import { parseCompactSpec } from './compact-spec.js';

const INTERVAL = '2024-01-01/2024-02-01';
const ioConfig = { type: 'compact', inputSpec: { type: 'interval', interval: INTERVAL } };
const taskOf = (changes: object = {}) => ({
  type: 'compact',
  dataSource: 't',
  ioConfig,
  ...changes,
});

test('what is not given is left to the segments', () => {
  expect(parseCompactSpec(taskOf())).toMatchObject({
    id: null,
    dataSource: 't',
    input: {
      type: 'interval',
      interval: parseInterval(INTERVAL),
      sha256OfSortedSegmentIds: null,
    },
    dropExisting: false,
    segmentGranularity: null,
    queryGranularity: null,
    rollup: null,
    dimensionsSpec: null,
    metricsSpec: null,
    transformSpec: null,
  });
});

test('the interval and the granularity may stand where older releases had them', () => {
  const { input, segmentGranularity } = parseCompactSpec(
    taskOf({ ioConfig: null, interval: INTERVAL, segmentGranularity: 'month' }),
  );
  expect(input).toMatchObject({ interval: parseInterval(INTERVAL) });
  expect(segmentGranularity?.spec).toBe('month');
});

test.each([
  [{ dataSource: '' }, 'dataSource'],
  [{ ioConfig: {} }, 'ioConfig.inputSpec', 'nothing'],
  [{ ioConfig: null }, 'ioConfig', 'null'],
  [{ ioConfig: { inputSpec: { type: 'all' } } }, 'ioConfig.inputSpec.type', 'interval, segments'],
  [{ ioConfig: { inputSpec: { type: 'interval', interval: 'x' } } }, 'inputSpec.interval', '"x"'],
  [{ granularitySpec: { segmentGranularity: 'none' } }, 'granularitySpec.segmentGranularity'],
  [{ granularitySpec: { queryGranularity: 'often' } }, 'granularitySpec.queryGranularity', 'often'],
  [{ dimensionsSpec: { dimensions: [{ type: 'long' }] } }, 'dimensionsSpec.dimensions[0].name'],
  [{ metricsSpec: [{ type: 'nonsense', name: 'x' }] }, 'metricsSpec[0]', 'nonsense'],
  [{ metricsSpec: { type: 'count' } }, 'metricsSpec', 'want a list'],
  [
    {
      dimensionsSpec: { dimensions: ['x'] },
      metricsSpec: [{ type: 'count', name: 'x' }],
    },
    '"x" stands twice',
  ],
  [
    { transformSpec: { transforms: [{ type: 'expression', name: 'x', expression: '1' }] } },
    'transformSpec.transforms',
    'a filter only',
  ],
  [{ tuningConfig: { maxRowsPerSegment: 'many' } }, 'tuningConfig.maxRowsPerSegment', 'many'],
])('%j is refused, naming the field', (changes, ...parts) => {
  for (const part of parts) expect(() => parseCompactSpec(taskOf(changes))).toThrow(part);
});
