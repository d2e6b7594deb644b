import { Hono } from 'hono';
import type { StoredSegment } from '../../../cluster/index.js';
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
import {
  dataSegment,
  dataSource,
  dataSourceOf,
  groupBy,
  intervalOf,
  listed,
  mapped,
  properties,
  TIER,
  totals,
} from './data-segment.js';
import { serverMetadata, serverName } from './servers.js';

/** What is served of tables: `/druid/coordinator/v1/datasources…`. A table without segments is 204, as in Druid. */
export function servedRoutes(node: VarveNode): Hono {
  const { inventory, config, rules, clock } = node;
  const servers = [serverName(config)];
  const located = (segment: StoredSegment) => ({ metadata: dataSegment(segment), servers });
  const byId = (segments: readonly StoredSegment[]) =>
    Object.fromEntries(segments.map((segment) => [segment.idText, located(segment)]));

  const routes = new Hono();
  routes.get('/', (context) => {
    const names = inventory.dataSources();
    if (has(context, 'full')) {
      return context.json(names.map((name) => dataSource(name, inventory.placed(name))));
    }
    if (!has(context, 'simple')) return context.json(names);
    return context.json(
      names.map((name) => ({ name, properties: properties(inventory.placed(name)) })),
    );
  });
  routes.get('/:name/handoffComplete', async (context) => {
    const name = pathText(context, 'name');
    const interval = readInterval(queryText(context, 'interval'), 'interval');
    const partitionNum = queryNumber(context, 'partitionNumber');
    const version = queryText(context, 'version');
    const isServed = inventory
      .placed(name)
      .some(
        ({ id }) =>
          id.partitionNum === partitionNum &&
          id.version >= version &&
          contains(id.interval, interval),
      );
    // What the rules do not load is never waited for.
    return context.json(isServed || !(await rules.loads(name, interval, clock.nowMs())));
  });
  routes.use('/:name/*', async (context, next) =>
    context.req.method === 'GET' && inventory.placed(context.req.param('name')).length === 0
      ? context.body(null, 204)
      : next(),
  );
  routes.get('/:name', (context) => {
    const name = pathText(context, 'name');
    const segments = inventory.placed(name);
    return context.json(has(context, 'full') ? dataSource(name, segments) : properties(segments));
  });
  routes.get('/:name/intervals', (context) => {
    const groups = groupBy(inventory.placed(pathText(context, 'name')), intervalOf);
    if (has(context, 'full')) return context.json(mapped(groups, byId));
    return context.json(has(context, 'simple') ? mapped(groups, totals) : [...groups.keys()]);
  });
  routes.get('/:name/intervals/:interval', (context) => {
    const interval = pathInterval(context);
    const inside = inventory
      .placed(pathText(context, 'name'))
      .filter(({ id }) => contains(interval, id.interval));
    const groups = groupBy(inside, intervalOf);
    if (has(context, 'full')) return context.json(mapped(groups, byId));
    return context.json(has(context, 'simple') ? mapped(groups, totals) : listed(inside, false));
  });
  routes.get('/:name/intervals/:interval/serverview', (context) => {
    const interval = pathInterval(context);
    const inside = inventory
      .placed(pathText(context, 'name'))
      .filter(({ id }) => contains(interval, id.interval));
    return context.json(
      inside.map((segment) => ({
        segment: dataSegment(segment),
        servers: [serverMetadata(config)],
      })),
    );
  });
  routes.get('/:name/segments', (context) =>
    context.json(listed(inventory.placed(pathText(context, 'name')), has(context, 'full'))),
  );
  routes.get('/:name/segments/:id', (context) => {
    const id = pathText(context, 'id');
    const found = inventory.placed(pathText(context, 'name')).find(({ idText }) => idText === id);
    return found === undefined ? context.body(null, 204) : context.json(located(found));
  });
  routes.get('/:name/tiers', (context) => context.json([TIER]));
  return routes;
}

/** What is served, by interval: `/druid/coordinator/v1/intervals…`. */
export function intervalRoutes({ inventory }: Pick<VarveNode, 'inventory'>): Hono {
  const all = () => inventory.dataSources().flatMap((name) => inventory.placed(name));
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
