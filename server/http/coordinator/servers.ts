import { Hono } from 'hono';
import { NotFoundError, UserError } from '../../../core/index.js';
import type { Config } from '../../config.js';
import type { VarveNode } from '../../node.js';
import { has, pathText } from '../parameters.js';
import {
  dataSegment,
  dataSourceOf,
  groupBy,
  intervalOf,
  listed,
  mapped,
  TIER,
  totals,
} from './data-segment.js';

type NodeParts = Pick<VarveNode, 'inventory' | 'config'>;

/** As Druid names servers. */
export const serverName = ({ host, port }: Config): string => `${host}:${port}`;

/** What Druid tells of a server that holds segments. */
export const serverMetadata = (config: Config) => ({
  name: serverName(config),
  host: serverName(config),
  hostAndTlsPort: null,
  maxSize: config.memory.segmentBytes,
  type: 'historical',
  tier: TIER,
  priority: 0,
});

/** The roles of Druid's processes, all of which are this one. */
const ROLES = ['coordinator', 'overlord', 'broker', 'historical', 'middleManager', 'router'];

/** Servers and tiers: one of each, this process. */
export function serverRoutes({ inventory, config }: NodeParts): Hono {
  const routes = new Hono();
  const name = serverName(config);
  const all = () => inventory.dataSources().flatMap((each) => inventory.placed(each));
  const simple = () => {
    const { host, tier, type, priority, maxSize } = serverMetadata(config);
    return { host, tier, type, priority, currSize: totals(all()).size, maxSize };
  };
  const full = () => ({
    ...simple(),
    segments: Object.fromEntries(all().map((each) => [each.idText, dataSegment(each)])),
  });

  routes.get('/servers', (context) => {
    if (has(context, 'full')) return context.json([full()]);
    return context.json(has(context, 'simple') ? [simple()] : [name]);
  });
  routes.use('/servers/:name/*', async (context, next) => {
    checkName(context.req.param('name'), name, 'server');
    return next();
  });
  routes.get('/servers/:name', (context) => {
    checkName(context.req.param('name'), name, 'server');
    return context.json(has(context, 'simple') ? simple() : full());
  });
  routes.get('/servers/:name/segments', (context) =>
    context.json(listed(all(), has(context, 'full'))),
  );
  routes.get('/servers/:name/segments/:id', (context) => {
    const id = pathText(context, 'id');
    const segment = all().find(({ idText }) => idText === id);
    if (segment === undefined) throw new NotFoundError(`the server has no segment "${id}"`);
    return context.json(dataSegment(segment));
  });
  routes.get('/tiers', (context) => {
    const { currSize, maxSize } = simple();
    return context.json(has(context, 'simple') ? { [TIER]: { currSize, maxSize } } : [TIER]);
  });
  routes.get('/tiers/:tier', (context) => {
    checkName(pathText(context, 'tier'), TIER, 'tier');
    const tables = groupBy(all(), dataSourceOf);
    if (!has(context, 'simple')) return context.json([...tables.keys()].sort());
    return context.json(mapped(tables, (list) => mapped(groupBy(list, intervalOf), totals)));
  });
  routes.get('/cluster', (context) =>
    context.json(Object.fromEntries(ROLES.map((role) => [role, [roleOf(role, config)]]))),
  );
  routes.get('/cluster/:role', (context) => {
    const role = pathText(context, 'role');
    if (!ROLES.includes(role)) {
      throw new UserError(
        `role: want one of ${ROLES.join(', ')}; got ${JSON.stringify(role)}`,
        'request',
        'role',
      );
    }
    return context.json([roleOf(role, config)]);
  });
  return routes;
}

const roleOf = (role: string, { host, port }: Config) => ({
  host,
  service: `druid/${role}`,
  plaintextPort: port,
  tlsPort: -1,
});

function checkName(given: string, known: string, what: string): void {
  if (given === known) return;
  throw new NotFoundError(`there is no ${what} "${given}"; there is only "${known}"`);
}
