import { type Context, Hono } from 'hono';
import { type Interval, overlaps } from '../../../model/index.js';
import type { VarveNode } from '../../node.js';
import { has, pathText, queryBoolean, queryInterval } from '../parameters.js';
import { TIER } from './data-segment.js';
import { serverName } from './servers.js';

const DAY_MS = 86_400_000;

/** Who leads, and what is loaded: all there is, but for what cannot be read. */
export function leaderRoutes({ inventory, config, clock }: VarveNode): Hono {
  const routes = new Hono();
  const missing = (name: string, interval: Interval | null): number =>
    inventory
      .segments(name)
      .filter(({ isReadable, stored }) => !isReadable && isIn(stored.id, interval)).length;
  const percent = (name: string, interval: Interval | null): number => {
    const { length } = inventory.placed(name).filter(({ id }) => isIn(id, interval));
    return length === 0 ? 100 : (100 * (length - missing(name, interval))) / length;
  };
  /** What of tables is loaded, in the three forms of Druid. */
  const loaded = (context: Context, names: readonly string[], interval: Interval | null) => {
    const inPercent = !has(context, 'simple') && !has(context, 'full');
    const of = inPercent ? percent : missing;
    const byName = Object.fromEntries(names.map((name) => [name, of(name, interval)]));
    return context.json(has(context, 'full') ? { [TIER]: byName } : byName);
  };

  routes.get('/leader', (context) => context.json(new URL(context.req.url).origin));
  routes.get('/isLeader', (context) => context.json({ leader: true }));
  routes.get('/loadstatus', (context) => loaded(context, inventory.dataSources(), null));
  routes.get('/loadqueue', (context) =>
    context.json({ [serverName(config)]: has(context, 'simple') ? NO_SIZES : NO_SEGMENTS }),
  );
  routes.get('/datasources/:name/loadstatus', (context) => {
    const name = pathText(context, 'name');
    queryBoolean(context, 'forceMetadataRefresh');
    const nowMs = clock.nowMs();
    const interval = queryInterval(context) ?? { startMs: nowMs - 14 * DAY_MS, endMs: nowMs };
    return inventory.placed(name).some(({ id }) => isIn(id, interval))
      ? loaded(context, [name], interval)
      : context.body(null, 204);
  });
  return routes;
}

const NO_SEGMENTS = { segmentsToLoad: [], segmentsToDrop: [] };

const NO_SIZES = {
  segmentsToLoad: 0,
  segmentsToDrop: 0,
  segmentsToLoadSize: 0,
  segmentsToDropSize: 0,
  expectedLoadTimeMillis: 0,
};

/** Whether a segment has a part in an interval; in all of time when there is none. */
const isIn = (id: { readonly interval: Interval }, interval: Interval | null): boolean =>
  interval === null || overlaps(id.interval, interval);
