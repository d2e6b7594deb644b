import { type Context, Hono } from 'hono';
import {
  isJsonObject,
  type JsonObject,
  NotFoundError,
  parseJson,
  UserError,
} from '../../core/index.js';
import { ETERNITY, formatInterval, parseInstant } from '../../model/index.js';
import type { VarveNode } from '../node.js';
import { answerJson } from './answer.js';
import { jsonObjectBody } from './body.js';
import { pathText, queryCount, queryInterval } from './parameters.js';

/** Where Druid's task lists put a task. */
const STATES = ['complete', 'waiting', 'pending', 'running'] as const;

type State = (typeof STATES)[number];

const DAY_MS = 86_400_000;

/** Ingestion tasks: Druid's overlord API, `/druid/indexer/v1/…`. */
export function taskRoutes({ tasks, clock }: VarveNode): Hono {
  const routes = new Hono();
  /** Ended tasks of the last day unless the query says otherwise, then those that have not ended. */
  const listed = async (context: Context, state: State | null): Promise<JsonObject[]> => {
    const { datasource, type } = context.req.query();
    const most = queryCount(context, 'max') ?? queryCount(context, 'n') ?? Number.POSITIVE_INFINITY;
    const since = queryInterval(context, 'createdTimeInterval');
    const lengthMs = since === null ? DAY_MS : since.endMs - since.startMs;
    const oldestMs = most === Number.POSITIVE_INFINITY ? clock.nowMs() - lengthMs : 0;
    const wanted = (await tasks.list()).filter(
      (task) =>
        (state === null || stateOf(task) === state) &&
        (datasource === undefined || task.dataSource === datasource) &&
        (type === undefined || task.type === type),
    );
    const ended = wanted.filter(
      (task) => stateOf(task) === 'complete' && endedMs(task) >= oldestMs,
    );
    return [...ended.slice(0, most), ...wanted.filter((task) => stateOf(task) !== 'complete')];
  };

  /** A task holds its table as a whole. */
  const locked = (names: readonly string[]): JsonObject => {
    const busy = new Set(tasks.active().map(({ dataSource }) => dataSource));
    const held = names.filter((name) => busy.has(name));
    return Object.fromEntries(held.map((name) => [name, [formatInterval(ETERNITY)]]));
  };

  routes.post('/task', async (context) =>
    context.json({ task: await tasks.submit(await jsonObjectBody(context)) }),
  );
  routes.get('/tasks', async (context) =>
    context.json(await listed(context, readState(context.req.query('state')))),
  );
  for (const state of STATES) {
    routes.get(`/${state}Tasks`, async (context) => context.json(await listed(context, state)));
  }
  routes.post('/taskStatus', async (context) => {
    const ids = readIds(parseJson(await context.req.text()));
    const known = new Map((await tasks.list()).map((task) => [task.id, task]));
    const found = ids.flatMap((id) => {
      const task = known.get(id);
      return task === undefined ? [] : [[id, briefStatus(task)] as const];
    });
    return context.json(Object.fromEntries(found));
  });
  routes.get('/task/:id', async (context) => {
    const id = context.req.param('id');
    const payload = await tasks.payload(id);
    return answerJson(context, { task: id, payload }, payload === null ? 404 : 200);
  });
  routes.get('/task/:id/status', async (context) => {
    const id = context.req.param('id');
    const status = await tasks.status(id);
    return context.json({ task: id, status }, status === null ? 404 : 200);
  });
  routes.get('/task/:id/reports', async (context) => {
    const report = await tasks.report(context.req.param('id'));
    return report === null
      ? context.text(
          'No task reports were found for this task. The task may not exist, or it may not have completed yet.',
          404,
        )
      : answerJson(context, report);
  });
  routes.get('/task/:id/log', async (context) => {
    const lines = await tasks.log(context.req.param('id'));
    if (lines === null) return context.text('No log was found for this task.', 404);
    return context.text(
      lines
        .map((line) => `${line}\n`)
        .join('')
        .slice(readOffset(context)),
    );
  });
  routes.post('/task/:id/shutdown', (context) => {
    const id = context.req.param('id');
    tasks.shutdown(id);
    return context.json({ task: id });
  });
  routes.post('/datasources/:name/shutdownAllTasks', (context) => {
    const dataSource = pathText(context, 'name');
    const active = tasks.active().filter((task) => task.dataSource === dataSource);
    if (active.length === 0) {
      throw new NotFoundError(`no task of the table "${dataSource}" waits or runs`);
    }
    for (const { id } of active) tasks.shutdown(id);
    return context.json({ dataSource });
  });
  routes.post('/lockedIntervals', async (context) => {
    return context.json(locked(Object.keys(await jsonObjectBody(context))));
  });
  routes.post('/lockedIntervals/v2', async (context) =>
    context.json(locked(readPolicies(parseJson(await context.req.text())))),
  );
  // Segments are published as they are allocated: none is ever pending.
  routes.delete('/pendingSegments/:name', (context) => {
    queryInterval(context);
    return context.json({ numDeleted: 0 });
  });
  return routes;
}

function stateOf(task: JsonObject): string {
  return task.statusCode === 'RUNNING' ? String(task.runnerStatusCode).toLowerCase() : 'complete';
}

function endedMs({ createdTime, duration }: JsonObject): number {
  return (parseInstant(String(createdTime)) ?? 0) + Number(duration);
}

function readState(text: string | undefined): State | null {
  const state = STATES.find((known) => known === text);
  if (text === undefined || state !== undefined) return state ?? null;
  throw new UserError(
    `state: want one of ${STATES.join(', ')}; got ${JSON.stringify(text)}`,
    'request',
    'state',
  );
}

/** Where a log is read from, counted from its end where it is negative. */
function readOffset(context: Context): number {
  const text = context.req.query('offset') ?? '0';
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new UserError(
    `offset: want a whole number of characters, such as 100 or -100; got ${JSON.stringify(text)}`,
    'request',
    'offset',
  );
}

function readIds(json: unknown): string[] {
  const isList = Array.isArray(json) && json.length > 0;
  if (isList && json.every((id) => typeof id === 'string')) return json;
  throw new UserError('the request body must be a list of task ids that is not empty', 'request');
}

/** The tables that a list of Druid's lock filter policies is about: priorities tell nothing here. */
function readPolicies(json: unknown): string[] {
  const isText = (policy: unknown) => isJsonObject(policy) && typeof policy.datasource === 'string';
  if (Array.isArray(json) && json.every(isText)) return json.map(({ datasource }) => datasource);
  throw new UserError(
    'the request body must be a list of objects, each with a "datasource" as text',
    'request',
  );
}

const briefStatus = ({ id, status, duration, errorMsg, location }: JsonObject): JsonObject => ({
  id,
  status,
  duration,
  errorMsg,
  location: isJsonObject(location) ? location : null,
});
