import { type Context, Hono } from 'hono';
import {
  compactionConfigOf,
  type Supervisor,
  type SupervisorState,
  type SupervisorVersion,
} from '../../cluster/index.js';
import { type JsonObject, stringifyJson } from '../../core/index.js';
import { formatInstant } from '../../model/index.js';
import type { VarveNode } from '../node.js';
import { answerJson } from './answer.js';
import { jsonObjectBody } from './body.js';
import { compactionStatus } from './coordinator/compaction.js';
import { auditInfo, has, pathText, queryCount } from './parameters.js';

type NodeParts = Pick<VarveNode, 'supervisors' | 'compaction' | 'clock'>;

/** What only those that read streams can be told. */
const STREAM_ORDERS = [
  'reset',
  'resetOffsets',
  'resetToLatestAndBackfill',
  'taskGroups/handoff',
  'autoscaler/simulate',
];

const SUCCESS = { status: 'success' };

/** What looks after tables: Druid's supervisors, `/druid/indexer/v1/supervisor…`. */
export function supervisorRoutes(node: NodeParts): Hono {
  const { supervisors, compaction } = node;
  const routes = new Hono();
  routes.get('/', async (context) => {
    const all = await supervisors.all();
    const states = await supervisors.states(all);
    const shape = shapeOf(context);
    return answerJson(
      context,
      all.map((each, i) => shape(each, states[i]!)),
    );
  });
  routes.post('/', async (context) => {
    const { id } = await supervisors.post(await jsonObjectBody(context), auditInfo(context));
    await compaction.run();
    return context.json({ id });
  });
  routes.get('/history', async (context) => {
    const byId: Record<string, JsonObject[]> = Object.create(null);
    for (const version of await supervisors.history(null)) {
      byId[version.id] ??= [];
      byId[version.id]!.push(versionJson(version));
    }
    return answerJson(context, byId);
  });
  routes.get('/:id/history', async (context) => {
    const id = pathText(context, 'id');
    const count = queryCount(context, 'count') ?? Number.POSITIVE_INFINITY;
    const versions = (await supervisors.history(id)).slice(0, count);
    if (versions.length > 0) return answerJson(context, versions.map(versionJson));
    return context.json({ error: `No history for [${id}].` }, 404);
  });
  orderRoutes(routes, node);
  reportRoutes(routes, node);
  return routes;
}

type Answer = (context: Context, supervisor: Supervisor) => Response | Promise<Response>;

/** An answer about the supervisor in the path; 404 where there is none. */
const about =
  ({ supervisors }: NodeParts, answer: Answer) =>
  async (context: Context): Promise<Response> => {
    const id = pathText(context, 'id');
    const supervisor = await supervisors.get(id);
    if (supervisor !== null) return answer(context, supervisor);
    return context.json({ error: `[${id}] does not exist` }, 404);
  };

/** What changes them. */
function orderRoutes(routes: Hono, node: NodeParts): void {
  const { supervisors, compaction } = node;
  for (const [order, suspended, already] of [
    ['suspend', true, 'suspended'],
    ['resume', false, 'running'],
  ] as const) {
    const change = async (which: readonly Supervisor[], context: Context) => {
      const others = which.filter(({ isSuspended }) => isSuspended !== suspended);
      const changed = await supervisors.setSuspended(others, suspended, auditInfo(context));
      if (!suspended) await compaction.run();
      return changed;
    };
    const one = about(node, async (context, supervisor) => {
      const [changed] = await change([supervisor], context);
      if (changed !== undefined) return answerJson(context, changed.json);
      return context.json({ error: `[${supervisor.id}] is already ${already}` }, 400);
    });
    routes.post(`/:id/${order}`, one);
    routes.post(`/${order}All`, async (context) => {
      await change(await supervisors.all(), context);
      return context.json(SUCCESS);
    });
  }
  for (const order of ['terminate', 'shutdown']) {
    const one = about(node, async (context, supervisor) => {
      await supervisors.terminate([supervisor], auditInfo(context));
      return context.json({ id: supervisor.id });
    });
    routes.post(`/:id/${order}`, one);
    routes.post(`/${order}All`, async (context) => {
      await supervisors.terminate(await supervisors.all(), auditInfo(context));
      return context.json(SUCCESS);
    });
  }
  for (const order of STREAM_ORDERS) {
    const refusal = about(node, (context, { type }) =>
      context.json({ error: `[${order}] is not supported for '${type}' supervisors.` }, 400),
    );
    routes.post(`/:id/${order}`, refusal);
  }
}

/** What tells how one fares. */
function reportRoutes(routes: Hono, node: NodeParts): void {
  const { supervisors, compaction, clock } = node;
  const stateOf = async (supervisor: Supervisor): Promise<SupervisorState> =>
    (await supervisors.states([supervisor]))[0]!;
  const report = (path: string, answer: Answer) => routes.get(`/:id${path}`, about(node, answer));

  report('', (context, { json }) => answerJson(context, json));
  report('/status', async (context, supervisor) => {
    const { dataSource, isSuspended } = supervisor;
    const nothing = { dataSource, groups: [] };
    const done = isSuspended ? nothing : compaction.state(compactionConfigOf(supervisor));
    const state = await stateOf(supervisor);
    const payload = {
      ...compactionStatus(done, isSuspended ? 'NOT_ENABLED' : 'RUNNING'),
      ...stateJson(supervisor, state),
      recentErrors: state.failed.map(({ createdMs, durationMs, errorMsg }) => ({
        timestamp: formatInstant(createdMs + durationMs),
        exceptionClass: null,
        message: errorMsg,
        streamException: false,
      })),
    };
    return context.json({
      id: supervisor.id,
      generationTime: formatInstant(clock.nowMs()),
      payload,
    });
  });
  report('/health', async (context, supervisor) => {
    const { isHealthy: healthy } = await stateOf(supervisor);
    return context.json({ healthy }, healthy ? 200 : 503);
  });
  // Rows are counted by those that read streams.
  report('/stats', (context) => context.json({}));
  report('/parseErrors', (context) => context.json([]));
}

const stateJson = ({ isSuspended }: Supervisor, { state, isHealthy }: SupervisorState) => ({
  state,
  detailedState: state,
  healthy: isHealthy,
  suspended: isSuspended,
});

/** How a list shows supervisors: as their ids, or as the request says. */
function shapeOf(context: Context): (supervisor: Supervisor, state: SupervisorState) => unknown {
  if (has(context, 'full')) {
    return (each, state) => ({ id: each.id, ...stateJson(each, state), spec: each.json });
  }
  if (has(context, 'system')) {
    return (each, state) => ({
      id: each.id,
      ...stateJson(each, state),
      dataSource: each.dataSource,
      type: each.type,
      source: each.source,
      specString: stringifyJson(each.json),
    });
  }
  if (context.req.query('state') === 'true') {
    return (each, state) => ({ id: each.id, ...stateJson(each, state) });
  }
  return ({ id }) => id;
}

/** As Druid writes down that one was terminated. */
const ended = ({ id, dataSource }: SupervisorVersion): JsonObject => ({
  type: 'NoopSupervisorSpec',
  id,
  dataSources: dataSource === null ? [] : [dataSource],
  suspended: false,
  source: 'noop',
});

const versionJson = (version: SupervisorVersion): JsonObject => ({
  spec: version.json ?? ended(version),
  version: formatInstant(version.timeMs),
});
