import { Hono } from 'hono';
import { CoordinatorSettings } from '../../cluster/index.js';
import type { JsonObject } from '../../core/index.js';
import type { VarveNode } from '../node.js';
import { answerJson } from './answer.js';
import { jsonObjectBody } from './body.js';
import type { ClusterView, ViewedWorker } from './coordinator/cluster-view.js';
import { configEntry } from './coordinator/config.js';
import { auditInfo, historyRange, pathText } from './parameters.js';

type NodeParts = Pick<VarveNode, 'metadata' | 'clock'>;

/** Nodes that run tasks, and how they are chosen: a part of Druid's overlord API, `/druid/indexer/v1/…`. */
export function workerRoutes({ metadata, clock }: NodeParts, view: ClusterView): Hono {
  const settings = () => new CoordinatorSettings(metadata.settings);
  const routes = new Hono();
  routes.get('/totalWorkerCapacity', (context) => {
    const workers = view.workers();
    const capacity = sum(workers.map((worker) => (worker.isEnabled ? worker.capacity : 0)));
    return context.json({
      currentClusterCapacity: capacity,
      maximumCapacityWithAutoScale: capacity,
      usedClusterCapacity: sum(workers.map(({ usedCapacity }) => usedCapacity)),
    });
  });
  routes.get('/workers', (context) => context.json(view.workers().map(workerJson)));
  // Nodes come and go as operators have it.
  routes.get('/scaling', (context) => context.json([]));
  routes.get('/worker', async (context) =>
    answerJson(context, (await settings().workers())?.json ?? null),
  );
  routes.post('/worker', async (context) => {
    await settings().setWorkers(await jsonObjectBody(context), auditInfo(context));
    return context.body(null, 200);
  });
  routes.get('/worker/history', async (context) => {
    const range = historyRange(context, clock.nowMs());
    return context.json((await settings().history('worker.config', range)).map(configEntry));
  });
  for (const [order, isEnabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    routes.post(`/worker/:host/${order}`, async (context) => {
      const host = pathText(context, 'host');
      await view.setWorker(host, isEnabled);
      return context.json({ [host]: `${order}d` });
    });
  }
  return routes;
}

const workerJson = (worker: ViewedWorker): JsonObject => ({
  worker: {
    scheme: 'http',
    host: worker.host,
    ip: worker.host.replace(/:\d+$/, ''),
    capacity: worker.capacity,
    // Druid's own mark of a worker that was disabled.
    version: worker.isEnabled ? '0' : '',
    category: '_default_worker_category',
  },
  currCapacityUsed: worker.usedCapacity,
  currParallelIndexCapacityUsed: 0,
  availabilityGroups: [],
  runningTasks: worker.runningTasks,
  blacklistedUntil: null,
});

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
