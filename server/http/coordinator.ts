import { type Context, Hono } from 'hono';
import { ALL_SEGMENTS, columnNames, type ServedSegment } from '../../cluster/index.js';
import { UserError } from '../../core/index.js';
import { formatInterval, type Interval, parseInterval } from '../../model/index.js';
import type { VarveNode } from '../node.js';
import { jsonObjectBody } from './body.js';

const TIER = '_default_tier';

/** Segments and their tables: Druid's coordinator API, `/druid/coordinator/v1/…`. */
export function coordinatorRoutes({ inventory }: VarveNode): Hono {
  const routes = new Hono();
  const segmentsOf = (context: Context): readonly ServedSegment[] =>
    inventory.segments(context.req.param('name'));

  const published = (): string[] =>
    inventory.tables().filter((name) => inventory.segments(name).length > 0);

  routes.get('/leader', (context) => context.json(new URL(context.req.url).origin));
  routes.get('/isLeader', (context) => context.json({ leader: true }));
  routes.get('/loadstatus', (context) =>
    context.json(Object.fromEntries(published().map((name) => [name, 100]))),
  );
  routes.get('/datasources', (context) => {
    const tables = published();
    if (!has(context, 'simple') && !has(context, 'full')) return context.json(tables);
    return context.json(
      tables.map((name) => {
        const segments = inventory.segments(name);
        return has(context, 'full')
          ? { name, properties: {}, segments: segments.map(dataSegment) }
          : { name, properties: properties(segments) };
      }),
    );
  });
  routes.get('/datasources/:name', (context) => {
    const segments = segmentsOf(context);
    if (segments.length === 0) return context.body(null, 204);
    return context.json(
      has(context, 'full')
        ? { name: context.req.param('name'), properties: {}, segments: segments.map(dataSegment) }
        : properties(segments),
    );
  });
  routes.get('/datasources/:name/loadstatus', (context) => {
    const name = context.req.param('name');
    if (segmentsOf(context).length === 0) return context.body(null, 204);
    return context.json({ [name]: has(context, 'simple') ? 0 : 100 });
  });
  routes.get('/datasources/:name/intervals', (context) => {
    const segments = segmentsOf(context);
    if (segments.length === 0) return context.body(null, 204);
    const byInterval = groupByInterval(segments);
    return context.json(
      has(context, 'simple')
        ? Object.fromEntries([...byInterval].map(([interval, list]) => [interval, totals(list)]))
        : [...byInterval.keys()],
    );
  });
  routes.get('/datasources/:name/segments', (context) => {
    const segments = segmentsOf(context);
    if (segments.length === 0) return context.body(null, 204);
    return context.json(
      has(context, 'full')
        ? segments.map(dataSegment)
        : segments.map(({ stored }) => stored.idText),
    );
  });
  routes.get('/datasources/:name/segments/:id', (context) => {
    const id = context.req.param('id');
    const segment = segmentsOf(context).find(({ stored }) => stored.idText === id);
    return segment === undefined
      ? context.body(null, 204)
      : context.json({ metadata: dataSegment(segment), servers: [] });
  });
  routes.delete('/datasources/:name', async (context) =>
    context.json({
      numChangedSegments: await inventory.markUnused(context.req.param('name'), ALL_SEGMENTS),
    }),
  );
  routes.post('/datasources/:name/markUnused', async (context) => {
    const interval = await intervalOf(context);
    const name = context.req.param('name');
    return context.json({ numChangedSegments: await inventory.drop(name, interval) });
  });
  routes.get('/metadata/datasources', (context) => context.json(published()));
  routes.get('/metadata/datasources/:name/segments', (context) => {
    const segments = segmentsOf(context);
    return context.json(
      has(context, 'full')
        ? segments.map(dataSegment)
        : segments.map(({ stored }) => stored.idText),
      segments.length === 0 ? 404 : 200,
    );
  });
  return routes;
}

/** Druid's flags count by their presence: `?full`, `?full=true` and `?full=false` are equal. */
const has = (context: Context, flag: string): boolean => context.req.query(flag) !== undefined;

async function intervalOf(context: Context): Promise<Interval> {
  const { interval } = await jsonObjectBody(context);
  if (typeof interval === 'string') return parseInterval(interval, 'interval');
  throw new UserError(
    'interval: want the interval whose segments to drop, such as "2024-01-01/2024-02-01"',
    'request',
    'interval',
  );
}

const totals = (segments: readonly ServedSegment[]) => ({
  size: segments.reduce((bytes, { stored }) => bytes + stored.sealed.sizeBytes, 0),
  count: segments.length,
});

/** Segments by interval, latest first. */
function groupByInterval(segments: readonly ServedSegment[]): Map<string, ServedSegment[]> {
  const groups = new Map<string, ServedSegment[]>();
  const latestFirst = [...segments].sort(
    (a, b) => b.stored.id.interval.startMs - a.stored.id.interval.startMs,
  );
  for (const segment of latestFirst) {
    const interval = formatInterval(segment.stored.id.interval);
    const list = groups.get(interval) ?? [];
    groups.set(interval, list);
    list.push(segment);
  }
  return groups;
}

function properties(segments: readonly ServedSegment[]) {
  const { size, count } = totals(segments);
  const starts = segments.map(({ stored }) => stored.id.interval.startMs);
  const ends = segments.map(({ stored }) => stored.id.interval.endMs);
  const span = formatInterval({ startMs: Math.min(...starts), endMs: Math.max(...ends) });
  const [minTime, maxTime] = span.split('/');
  return {
    tiers: { [TIER]: { segmentCount: count, size, replicatedSize: size } },
    segments: { count, size, replicatedSize: size, minTime, maxTime },
  };
}

/** Druid's `DataSegment`. */
function dataSegment({ stored }: ServedSegment) {
  const { id, idText, shardSpec, sealed } = stored;
  return {
    dataSource: id.dataSource,
    interval: formatInterval(id.interval),
    version: id.version,
    loadSpec: { type: 'local', path: sealed.path },
    dimensions: columnNames(sealed, 'dimension').join(','),
    metrics: columnNames(sealed, 'metric').join(','),
    shardSpec,
    binaryVersion: 9,
    size: sealed.sizeBytes,
    identifier: idText,
  };
}
