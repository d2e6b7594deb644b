import fc from 'fast-check';
import { expect } from 'vitest';
import type { Disk } from '../../core/index.js';
import { ETERNITY, formatInterval } from '../../model/index.js';
import { NEW_YEAR_MS, type TaskWorld, taskWorld } from '../inventory/task-world-testing.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import { segmentsIn } from '../metadata/segment-selection.js';
import { clusterAnswers, serverAnswers } from './fixture-testing.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WHO = { author: 'a', comment: 'c', ip: '' };

type Row = Readonly<Record<string, unknown>>;

/** For tests: what may be done to a table. */
export type Step =
  | { kind: 'load'; rows: readonly Row[]; rollup: boolean; append: boolean; hashed: boolean }
  | { kind: 'replace'; day: number; rows: readonly Row[] }
  | { kind: 'drop' | 'restore' | 'compact'; day: number }
  | { kind: 'kill' };

const row = fc
  .record({
    t: fc.integer({ min: 0, max: 3 * 24 - 1 }).map((hour) => NEW_YEAR_MS + hour * HOUR_MS),
    s: fc.oneof(
      fc.constantFrom('a', 'b', 'ü', ''),
      fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
    ),
    n: fc.constantFrom(1, -5, '9007199254740993'),
    f: fc.constantFrom(0.5, 1e300, null),
  })
  .map((all) => all as Row);
const rows = fc.array(row, { minLength: 1, maxLength: 8 });
const day = fc.nat(2);

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('load' as const),
      rows,
      rollup: fc.boolean(),
      append: fc.boolean(),
      hashed: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant('replace' as const), day, rows }),
  fc.record({
    kind: fc.constantFrom('drop' as const, 'restore' as const, 'compact' as const),
    day,
  }),
  fc.record({ kind: fc.constant('kill' as const) }),
);

/** For tests: days from new year on. */
export const intervalOf = (from: number, to = from + 1) => ({
  startMs: NEW_YEAR_MS + from * DAY_MS,
  endMs: NEW_YEAR_MS + to * DAY_MS,
});

function loadOf(data: readonly Row[], io: object, { rollup = false, hashed = false, ...spec }) {
  const partitionsSpec = { type: 'hashed', numShards: 2, partitionDimensions: ['s'] };
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 't',
        timestampSpec: { column: 't' },
        dimensionsSpec: {
          dimensions: ['s', { type: 'long', name: 'n' }, { type: 'double', name: 'f' }],
        },
        metricsSpec: [
          { type: 'count', name: 'rows' },
          { type: 'longSum', name: 'sum', fieldName: 'n' },
          { type: 'hyperUnique', name: 'users', fieldName: 's' },
        ],
        granularitySpec: {
          segmentGranularity: 'day',
          queryGranularity: rollup ? 'day' : 'none',
          rollup,
          ...spec,
        },
      },
      ioConfig: {
        inputSource: { type: 'inline', data: data.map((each) => JSON.stringify(each)).join('\n') },
        inputFormat: { type: 'json' },
        ...io,
      },
      tuningConfig: {
        maxRowsPerSegment: 3,
        ...(hashed && { forceGuaranteedRollup: true, partitionsSpec }),
      },
    },
  };
}

/** For tests: does it to table `t`. */
export async function act(node: TaskWorld, each: Step): Promise<void> {
  const { inventory } = node;
  if (each.kind === 'load') {
    const { append: appendToExisting, rollup } = each;
    const hashed = each.hashed && !appendToExisting;
    await node.run(loadOf(each.rows, { appendToExisting }, { rollup, hashed }));
  } else if (each.kind === 'replace') {
    // Of a month, so that it hides days and leaves tombstones.
    const intervals = [formatInterval(intervalOf(each.day, 3))];
    const inside = each.rows.filter(({ t }) => Number(t) >= intervalOf(each.day).startMs);
    await node.run(loadOf(inside, { dropExisting: true }, { intervals }));
  } else if (each.kind === 'drop') await inventory.drop('t', intervalOf(each.day));
  else if (each.kind === 'restore') await inventory.markUsed('t', segmentsIn(intervalOf(each.day)));
  else if (each.kind === 'compact') {
    const inputSpec = { type: 'interval', interval: formatInterval(intervalOf(each.day)) };
    await node.run({ type: 'compact', dataSource: 't', ioConfig: { inputSpec } });
  } else {
    const order = { interval: ETERNITY, versions: null, maxUsedChangedMs: null, ids: null };
    await inventory.kill('t', { ...order, limit: 2 });
  }
}

const BASE = { dataSource: 't', intervals: '2023/2025', granularity: 'all' };
const AGGREGATIONS = [
  { type: 'count', name: 'c' },
  { type: 'longSum', name: 'total', fieldName: 'sum' },
  { type: 'hyperUnique', name: 'u', fieldName: 'users' },
];
const QUERIES = [
  { ...BASE, queryType: 'timeseries', granularity: 'hour', aggregations: AGGREGATIONS },
  { ...BASE, queryType: 'groupBy', dimensions: ['s', 'n'], aggregations: AGGREGATIONS },
  {
    ...BASE,
    queryType: 'topN',
    dimension: 's',
    metric: 'c',
    threshold: 2,
    aggregations: AGGREGATIONS,
  },
  { ...BASE, queryType: 'scan', columns: ['__time', 's', 'n', 'f', 'rows'] },
  { ...BASE, queryType: 'timeBoundary' },
  {
    ...BASE,
    queryType: 'segmentMetadata',
    merge: true,
    analysisTypes: ['interval', 'cardinality'],
  },
];

/** For tests: all that the metadata say of segments, but where their files are. */
export const segmentsOf = async (store: MetadataStore) =>
  (await store.segments.all()).map(({ sealed: { path: _, deep: __, ...sealed }, ...segment }) => ({
    ...segment,
    sealed,
  }));

/** For tests: that a cluster has what the server has, in every respect that anybody can ask for. */
export async function expectMoved(disk: Disk, node: TaskWorld, target: MetadataStore) {
  const { answers } = await clusterAnswers(disk, target);
  expect(await answers(QUERIES)).toEqual(await serverAnswers(node)(QUERIES));
  expect(await segmentsOf(target)).toEqual(await segmentsOf(node.store));
  expect(await target.tasks.list()).toEqual(await node.store.tasks.list());
  for (const { id } of await target.tasks.list()) {
    expect(await target.tasks.report(id)).toEqual(await node.store.tasks.report(id));
    expect(await target.segments.hasPublished(id)).toBe(await node.store.segments.hasPublished(id));
  }
}

/** For tests: a table with several versions, segments that do not count, a tombstone and partitions; settings and a task that was cut off. */
export async function someServer() {
  const node = await taskWorld();
  const data = Array.from({ length: 6 }, (_, i) => ({
    t: NEW_YEAR_MS + i * 12 * HOUR_MS,
    s: 'ab'[i % 2],
    n: i,
  }));
  await act(node, { kind: 'load', rows: data, rollup: true, append: false, hashed: true });
  await act(node, { kind: 'load', rows: data, rollup: false, append: true, hashed: false });
  await act(node, { kind: 'replace', day: 2, rows: data.slice(5) });
  await act(node, { kind: 'drop', day: 0 });
  await node.store.settings.set('rules', 't', [{ type: 'loadForever' }], WHO);
  await node.store.settings.set('lookups', '__default/l', { version: 'v1' }, WHO);
  await node.store.settings.set('compactionCluster', 'cluster', { ratio: 0.5 }, WHO);
  return node;
}
