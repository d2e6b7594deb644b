import { type Context, Hono } from 'hono';
import { NotFoundError, UserError } from '../../../core/index.js';
import { has, pathText } from '../parameters.js';
import { type ClusterView, ROLES, type Role, type ViewedServer } from './cluster-view.js';
import { druidType } from './copies.js';
import {
  dataSegment,
  dataSourceOf,
  groupBy,
  grouped,
  intervalOf,
  listed,
  mapped,
  totals,
} from './data-segment.js';

/** Servers, their tiers, and processes by role. */
export function serverRoutes(view: ClusterView): Hono {
  const routes = new Hono();
  /** The server that the path names. Throws NotFoundError. */
  const named = (context: Context): ViewedServer => {
    const name = pathText(context, 'name');
    const found = view.servers().find(({ host }) => host === name);
    if (found !== undefined) return found;
    throw new NotFoundError(
      `there is no server "${name}"; there are ${JSON.stringify(view.servers().map(hostOf))}`,
    );
  };

  routes.get('/servers', (context) => {
    const servers = view.servers();
    if (has(context, 'full')) return context.json(servers.map(full));
    return context.json(has(context, 'simple') ? servers.map(simple) : servers.map(hostOf));
  });
  routes.get('/servers/:name', (context) =>
    context.json(has(context, 'simple') ? simple(named(context)) : full(named(context))),
  );
  routes.get('/servers/:name/segments', (context) =>
    context.json(listed(named(context).segments, has(context, 'full'))),
  );
  routes.get('/servers/:name/segments/:id', (context) => {
    const id = pathText(context, 'id');
    const segment = named(context).segments.find(({ idText }) => idText === id);
    if (segment === undefined) throw new NotFoundError(`the server has no segment "${id}"`);
    return context.json(dataSegment(segment));
  });
  routes.get('/tiers', (context) => {
    const tiers = grouped(view.servers(), tierOf);
    return context.json(has(context, 'simple') ? mapped(tiers, sizesOf) : [...tiers.keys()]);
  });
  routes.get('/tiers/:tier', (context) => {
    const tier = pathText(context, 'tier');
    const servers = view.servers().filter((server) => server.tier === tier);
    if (servers.length === 0) {
      const known = [...grouped(view.servers(), tierOf).keys()];
      throw new NotFoundError(`there is no tier "${tier}"; there are ${JSON.stringify(known)}`);
    }
    const tables = groupBy(
      servers.flatMap(({ segments }) => segments),
      dataSourceOf,
    );
    if (!has(context, 'simple')) return context.json([...tables.keys()].sort());
    return context.json(mapped(tables, (list) => mapped(groupBy(list, intervalOf), totals)));
  });
  routes.get('/cluster', (context) => {
    const roles = ROLES.map((role) => [role, processesOf(view, role)] as const);
    return context.json(Object.fromEntries(roles.filter(([, list]) => list.length > 0)));
  });
  routes.get('/cluster/:role', (context) => {
    const text = pathText(context, 'role');
    const role = ROLES.find((known) => known === text);
    if (role !== undefined) return context.json(processesOf(view, role));
    throw new UserError(
      `role: want one of ${ROLES.join(', ')}; got ${JSON.stringify(text)}`,
      'request',
      'role',
    );
  });
  return routes;
}

const tierOf = ({ tier }: ViewedServer): string => tier;

const hostOf = ({ host }: ViewedServer): string => host;

const simple = ({ host, tier, type, priority, currSizeBytes, maxSizeBytes }: ViewedServer) => ({
  host,
  tier,
  type: druidType(type),
  priority,
  currSize: currSizeBytes,
  maxSize: maxSizeBytes,
});

const full = (server: ViewedServer) => ({
  ...simple(server),
  segments: Object.fromEntries(server.segments.map((each) => [each.idText, dataSegment(each)])),
});

const sizesOf = (servers: readonly ViewedServer[]) => ({
  currSize: servers.reduce((bytes, { currSizeBytes }) => bytes + currSizeBytes, 0),
  maxSize: servers.reduce((bytes, { maxSizeBytes }) => bytes + maxSizeBytes, 0),
});

const processesOf = (view: ClusterView, role: Role) =>
  view.nodes(role).map(({ host, port }) => ({
    host,
    service: `druid/${role}`,
    plaintextPort: port,
    tlsPort: -1,
  }));
