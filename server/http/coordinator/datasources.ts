import { type Context, Hono } from 'hono';
import type { StoredSegment } from '../../../cluster/index.js';
import type { JsonObject } from '../../../core/index.js';
import { contains } from '../../../model/index.js';
import type { VarveNode } from '../../node.js';
import {
  has,
  pathInterval,
  pathText,
  queryNumber,
  queryText,
  readInterval,
} from '../parameters.js';
import type { ClusterView } from './cluster-view.js';
import {
  type Copies,
  copiesOf,
  located,
  properties,
  segmentsOf,
  serverMetadata,
} from './copies.js';
import {
  dataSegment,
  dataSource,
  dataSourceOf,
  groupBy,
  grouped,
  intervalOf,
  listed,
  mapped,
  totals,
} from './data-segment.js';

type NodeParts = Pick<VarveNode, 'rules' | 'clock'>;

/** What is served of tables: `/druid/coordinator/v1/datasources…`. A table without segments is 204, as in Druid. */
export function servedRoutes({ rules, clock }: NodeParts, view: ClusterView): Hono {
  const ofTable = (context: Context): Copies[] =>
    copiesOf(view.servers(), pathText(context, 'name'));
  const inside = (context: Context): Copies[] => {
    const interval = pathInterval(context);
    return ofTable(context).filter(({ segment }) => contains(interval, segment.id.interval));
  };
  /** Intervals, the latest first, with what is asked for of each. */
  const byInterval = (context: Context, copies: readonly Copies[]): JsonObject | null => {
    const groups = groupBy(segmentsOf(copies), intervalOf);
    if (!has(context, 'full')) return has(context, 'simple') ? mapped(groups, totals) : null;
    const places = new Map(copies.map((each) => [each.segment.idText, located(each)]));
    return mapped(groups, (group) =>
      Object.fromEntries(group.map(({ idText }) => [idText, places.get(idText)])),
    );
  };

  const routes = new Hono();
  routes.get('/', (context) => {
    const copies = copiesOf(view.servers());
    const tables = [...grouped(copies, ({ segment }) => segment.id.dataSource)].sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    if (has(context, 'full')) {
      return context.json(tables.map(([name, list]) => dataSource(name, segmentsOf(list))));
    }
    if (!has(context, 'simple')) return context.json(tables.map(([name]) => name));
    return context.json(tables.map(([name, list]) => ({ name, properties: properties(list) })));
  });
  routes.get('/:name/handoffComplete', async (context) => {
    const interval = readInterval(queryText(context, 'interval'), 'interval');
    const partitionNum = queryNumber(context, 'partitionNumber');
    const version = queryText(context, 'version');
    const isServed = ofTable(context).some(
      ({ segment: { id }, servers }) =>
        id.partitionNum === partitionNum &&
        id.version >= version &&
        contains(id.interval, interval) &&
        servers.some(({ type }) => type !== 'realtime'),
    );
    if (isServed) return context.json(true);
    // What the rules do not load is never waited for.
    const isLoaded = await rules.loads(pathText(context, 'name'), interval, clock.nowMs());
    return context.json(!isLoaded);
  });
  routes.use('/:name/*', async (context, next) =>
    context.req.method === 'GET' && ofTable(context).length === 0
      ? context.body(null, 204)
      : next(),
  );
  routes.get('/:name', (context) => {
    const copies = ofTable(context);
    return context.json(
      has(context, 'full')
        ? dataSource(pathText(context, 'name'), segmentsOf(copies))
        : properties(copies),
    );
  });
  routes.get('/:name/intervals', (context) => {
    const copies = ofTable(context);
    const names = () => [...groupBy(segmentsOf(copies), intervalOf).keys()];
    return context.json(byInterval(context, copies) ?? names());
  });
  routes.get('/:name/intervals/:interval', (context) => {
    const copies = inside(context);
    return context.json(byInterval(context, copies) ?? listed(segmentsOf(copies), false));
  });
  routes.get('/:name/intervals/:interval/serverview', (context) =>
    context.json(
      inside(context).map(({ segment, servers }) => ({
        segment: dataSegment(segment),
        servers: servers.map(serverMetadata),
      })),
    ),
  );
  routes.get('/:name/segments', (context) =>
    context.json(listed(segmentsOf(ofTable(context)), has(context, 'full'))),
  );
  routes.get('/:name/segments/:id', (context) => {
    const id = pathText(context, 'id');
    const found = ofTable(context).find(({ segment }) => segment.idText === id);
    return found === undefined ? context.body(null, 204) : context.json(located(found));
  });
  routes.get('/:name/tiers', (context) => {
    const tiers = ofTable(context).flatMap(({ servers }) => servers.map(({ tier }) => tier));
    return context.json([...new Set(tiers)].sort());
  });
  return routes;
}

/** What is served, by interval: `/druid/coordinator/v1/intervals…`. */
export function intervalRoutes(view: ClusterView): Hono {
  const all = () => segmentsOf(copiesOf(view.servers()));
  const byTable = (segments: readonly StoredSegment[]) =>
    mapped(groupBy(segments, dataSourceOf), totals);
  const routes = new Hono();
  routes.get('/', (context) => context.json(mapped(groupBy(all(), intervalOf), byTable)));
  routes.get('/:interval', (context) => {
    const interval = pathInterval(context);
    const inside = all().filter(({ id }) => contains(interval, id.interval));
    const groups = groupBy(inside, intervalOf);
    if (has(context, 'full')) return context.json(mapped(groups, byTable));
    return context.json(has(context, 'simple') ? mapped(groups, totals) : totals(inside));
  });
  return routes;
}
