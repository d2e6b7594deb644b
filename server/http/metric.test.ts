import { expect, test } from 'vitest';
import { Histogram } from '../../core/index.js';
import { histogram, metricsText } from './metric.js';

test('each metric is told once, its samples one a line', () => {
  const text = metricsText([
    {
      name: 'queries_total',
      type: 'counter',
      help: 'Queries.',
      samples: [
        { labels: { type: 'topN', outcome: 'success' }, value: 3 },
        { labels: { type: 'topN', outcome: 'timeout' }, value: 1 },
      ],
    },
    { name: 'workers', type: 'gauge', help: 'Threads.', samples: [{ value: 0.5 }] },
    { name: 'none_total', type: 'counter', help: 'Nothing.', samples: [] },
  ]);
  expect(text).toBe(`# HELP queries_total Queries.
# TYPE queries_total counter
queries_total{type="topN",outcome="success"} 3
queries_total{type="topN",outcome="timeout"} 1
# HELP workers Threads.
# TYPE workers gauge
workers 0.5
# HELP none_total Nothing.
# TYPE none_total counter
`);
});

test('what would end a label early is escaped', () => {
  const samples = [{ labels: { table: 'a "b"\\c\nd' }, value: 1 }];
  expect(metricsText([{ name: 'rows', type: 'gauge', help: 'Rows.', samples }])).toContain(
    'rows{table="a \\"b\\"\\\\c\\nd"} 1\n',
  );
});

test('a histogram is told by bounds, with its sum and count', () => {
  const of = new Histogram([0.5, 1]);
  for (const value of [0.25, 1, 8]) of.add(value);
  const text = metricsText([histogram('wait_seconds', 'Waits.', [{ labels: { type: 'a' }, of }])]);
  expect(text).toBe(`# HELP wait_seconds Waits.
# TYPE wait_seconds histogram
wait_seconds_bucket{type="a",le="0.5"} 1
wait_seconds_bucket{type="a",le="1"} 2
wait_seconds_bucket{type="a",le="+Inf"} 3
wait_seconds_sum{type="a"} 9.25
wait_seconds_count{type="a"} 3
`);
});
