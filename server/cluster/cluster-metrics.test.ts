import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HistoricalNode } from '../../cluster/index.js';
import { GatherCounts, RoundRecord } from '../../cluster/index.js';
import { ShelfCounts } from '../../cluster/testing.js';
import { type Metric, metricsText } from '../http/metric.js';
import {
  coordinatorMetrics,
  gatherMetrics,
  historicalMetrics,
  memberMetrics,
  pushLogMetrics,
  viewMetrics,
} from './cluster-metrics.js';

const order = (kind: 'load' | 'drop', state: 'waiting' | 'running' | 'failed') => ({
  idText: 'x',
  kind,
  state,
  sizeBytes: 1,
  error: null,
});

const orders = [order('load', 'waiting'), order('load', 'failed'), order('drop', 'running')];

const told = new Map([
  ['h1', { usedBytes: 0, maxAssignedBytes: 0, assignedBytes: 0, assigned: [], orders }],
]);

function historical(): Metric[] {
  const counts = new ShelfCounts();
  counts.fetches.cold = 4;
  counts.failures.assigned = 1;
  counts.evictions = 3;
  const state = {
    maxBytes: 100,
    maxAssignedBytes: 90,
    usedBytes: 70,
    assignedBytes: 60,
    assignedCount: 6,
    coldCount: 1,
    loadingCount: 2,
    tables: {},
    orders,
  };
  return historicalMetrics({ state, counts } as unknown as HistoricalNode);
}

function gather(): Metric[] {
  const counts = new GatherCounts();
  counts.seconds.add(0.2);
  const node = counts.of('h1');
  node.requests += 5;
  node.hedges++;
  node.seconds.add(0.1);
  counts.of('h2').failures += 2;
  return gatherMetrics(counts);
}

function rounds(): RoundRecord {
  const record = new RoundRecord();
  record.add({ kind: 'failed' });
  record.add({ kind: 'skipped', why: 'paused' });
  record.add({ kind: 'skipped', why: 'not leading' });
  record.add({
    kind: 'done',
    tookMs: 300,
    unreachable: ['h3'],
    duties: new Map(),
    stats: {
      orders: { load: 2, replica: 1, move: 0, drop: 0, cancel: 0 },
      unavailable: new Map([['wiki', 3]]),
      missingReplicas: new Map([['hot', 5]]),
      withoutRule: new Map(),
      unknownTiers: ['none'],
    },
  });
  return record;
}

const coordinator = (isLeader: boolean): Metric[] =>
  coordinatorMetrics(isLeader, rounds(), { told }, { active: 4, slots: 2 });

const members = (): Metric[] => {
  const alive = (role?: string) => (role === 'historical' ? [{}, {}] : []);
  return memberMetrics({ alive } as unknown as Parameters<typeof memberMetrics>[0], { running: 3 });
};

const views = (): Metric[] => {
  const nodes = () => [{ isCurrent: false }, { isCurrent: true }];
  const view = { nodes } as unknown as Parameters<typeof viewMetrics>[1]['view'];
  return viewMetrics({ ageMs: 1500 }, { view });
};

const logs = (): Metric[] =>
  pushLogMetrics({ standbys: { names: ['r2'] }, kept: { counts: { copies: 3, takeOvers: 4 } } }, 2);

test.each([
  { metrics: logs(), line: 'varve_push_log_copies 2' },
  { metrics: logs(), line: 'varve_push_log_copies_wanted 2' },
  { metrics: logs(), line: 'varve_push_logs_kept 3' },
  { metrics: logs(), line: 'varve_push_logs_taken_over_total 4' },
  { metrics: historical(), line: 'varve_historical_segments{kind="assigned"} 6' },
  { metrics: historical(), line: 'varve_historical_bytes{kind="cold"} 10' },
  { metrics: historical(), line: 'varve_historical_limit_bytes{kind="all"} 100' },
  { metrics: historical(), line: 'varve_historical_orders{kind="load",state="failed"} 1' },
  { metrics: historical(), line: 'varve_historical_fetches_total{kind="cold"} 4' },
  { metrics: historical(), line: 'varve_historical_fetch_failures_total{kind="assigned"} 1' },
  { metrics: historical(), line: 'varve_historical_evictions_total 3' },
  { metrics: gather(), line: 'varve_gather_seconds_count 1' },
  { metrics: gather(), line: 'varve_gather_request_seconds_bucket{node="h1",le="0.1"} 1' },
  { metrics: gather(), line: 'varve_gather_requests_total{node="h1"} 5' },
  { metrics: gather(), line: 'varve_gather_failures_total{node="h2"} 2' },
  { metrics: coordinator(true), line: 'varve_coordinator_is_leader 1' },
  { metrics: coordinator(true), line: 'varve_coordinator_rounds_total{outcome="done"} 1' },
  { metrics: coordinator(true), line: 'varve_coordinator_rounds_total{outcome="failed"} 1' },
  { metrics: coordinator(true), line: 'varve_coordinator_rounds_total{outcome="paused"} 1' },
  { metrics: coordinator(true), line: 'varve_coordinator_orders_total{kind="load"} 2' },
  { metrics: coordinator(true), line: 'varve_coordinator_unavailable_segments{table="wiki"} 3' },
  { metrics: coordinator(true), line: 'varve_coordinator_missing_replicas{tier="hot"} 5' },
  { metrics: coordinator(true), line: 'varve_coordinator_queue{kind="load"} 1' },
  { metrics: coordinator(true), line: 'varve_coordinator_unreachable_nodes 1' },
  { metrics: coordinator(true), line: 'varve_tasks_active 4' },
  { metrics: members(), line: 'varve_cluster_nodes{role="historical"} 2' },
  { metrics: views(), line: 'varve_view_age_seconds 1.5' },
  { metrics: views(), line: 'varve_view_silent_nodes 1' },
])('$line', ({ metrics, line }) => {
  expect(metricsText(metrics).split('\n')).toContain(line);
});

test('who does not lead tells nothing that only the leader knows', () => {
  const text = metricsText(coordinator(false));
  expect(text).toContain('varve_coordinator_is_leader 0');
  expect(text).not.toMatch(/unavailable|missing_replicas|queue|varve_tasks/);
});

test('each metric is there once, and described in the docs', () => {
  const all = [
    ...historical(),
    ...gather(),
    ...coordinator(true),
    ...members(),
    ...views(),
    ...logs(),
  ];
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const docs = new URL('../../docs/', import.meta.url);
  const text = readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(new URL(name, docs), 'utf8'))
    .join('');
  expect(names.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
});
