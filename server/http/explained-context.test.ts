import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { FilterSummaryJson, StarTreeSummaryJson } from '../../query/index.js';
import { tellExplanations } from './explained-context.js';

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

async function toldOf(summary: FilterSummaryJson): Promise<unknown> {
  const app = new Hono();
  app.get('/', (context) => {
    tellExplanations(context, { filters: [summary], starTrees: [TREES] });
    return context.text('');
  });
  const header = (await app.request('/')).headers.get('X-Druid-Response-Context')!;
  expect(header).toMatch(/^[ -~]+$/);
  expect(header.length).toBeLessThanOrEqual(7000);
  return JSON.parse(header);
}

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
  const app = new Hono();
  app.get('/', (context) => {
    tellExplanations(context, {});
    return context.text('');
  });
  expect((await app.request('/')).headers.has('X-Druid-Response-Context')).toBe(false);
});
