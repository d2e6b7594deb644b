import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { FilterSummaryJson, Gaps, StarTreeSummaryJson } from '../../query/index.js';
import { type ResponseContext, tellResponse } from './response-context.js';

const CONJUNCT = { byIndex: 2, byTest: 0, estimatedRows: 4, rowsLeft: 2 };

/** Of a query over so many segments. */
function summaryOf(segments: number, value: string): FilterSummaryJson {
  const steps = [{ conjunct: 0, by: 'index', estimatedRows: 2, costUs: 1 }] as const;
  return {
    segments: { pruned: 3, nothing: 0, all: 0, bitmap: segments, scan: 0 },
    conjuncts: [{ filter: { type: 'equals', value }, ...CONJUNCT }],
    bySegment: Array.from({ length: segments }, (_, i) => {
      return { segment: `t_${i}`, choice: 'bitmap', rowsExpected: 2, steps };
    }),
  };
}

const TREES: StarTreeSummaryJson = {
  segments: { pruned: 0, tree: 0, rows: 1 },
  trees: [],
  reasons: [{ reason: 'it has no star-tree', segments: 1 }],
  bySegment: [{ segment: 't_0', rows: 5, tree: null, reasons: ['it has no star-tree'] }],
};

async function toldBy(response: Partial<ResponseContext>): Promise<unknown> {
  const app = new Hono();
  app.get('/', (context) => {
    tellResponse(context, { explained: {}, gaps: {}, metrics: null, ...response });
    return context.text('');
  });
  const header = (await app.request('/')).headers.get('X-Druid-Response-Context');
  if (header === null) return null;
  expect(header).toMatch(/^[ -~]+$/);
  expect(header.length).toBeLessThanOrEqual(7000);
  return JSON.parse(header);
}

const toldOf = (summary: FilterSummaryJson) =>
  toldBy({ explained: { filters: [summary], starTrees: [TREES] } });

test('the header tells of all segments, and of each', async () => {
  const summary = summaryOf(2, 'Zürich');
  expect(await toldOf(summary)).toEqual({ filters: [summary], starTrees: [TREES] });
});

test('of many segments only all together, of long filters nothing', async () => {
  const { bySegment: _, ...shorter } = summaryOf(400, 'a');
  const { bySegment: _2, ...trees } = TREES;
  const told = { filters: [shorter], starTrees: [trees], truncated: true };
  expect(await toldOf(summaryOf(400, 'a'))).toEqual(told);
  expect(await toldOf(summaryOf(1, 'ü'.repeat(2000)))).toEqual({ truncated: true });
});

test('nothing is said where nobody asked', async () => {
  expect(await toldBy({})).toBeNull();
});

const gapsOf = (count: number): Gaps => ({
  missingSegments: Array.from({ length: count }, (_, part) => ({ itvl: 'a/b', ver: 'v', part })),
  uncoveredIntervals: ['c/d'],
  uncoveredIntervalsOverflowed: false,
});

test('what is missing is told, before all else where there is no room for all', async () => {
  expect(await toldBy({ gaps: gapsOf(2) })).toEqual(gapsOf(2));
  const explained = { filters: [summaryOf(1, 'ü'.repeat(2000))] };
  const told = { ...gapsOf(2), truncated: true };
  expect(await toldBy({ gaps: gapsOf(2), explained })).toEqual(told);
  expect(await toldBy({ gaps: gapsOf(1000) })).toEqual({
    missingSegments: gapsOf(125).missingSegments,
    uncoveredIntervals: ['c/d'],
    uncoveredIntervalsOverflowed: true,
    truncated: true,
  });
});
