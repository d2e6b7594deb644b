import { type Context, Hono } from 'hono';
import { type JsonObject, NotFoundError, parseJson, stringifyJson } from '../../../core/index.js';
import {
  ACTIVE_TIER,
  checkedName,
  type LookupDefinition,
  parseDefinition,
  parseDefinitions,
} from '../../lookups/definition.js';
import type { RegisteredLookup } from '../../lookups/registered-lookup.js';
import type { VarveNode } from '../../node.js';
import { auditInfo, pathText } from '../parameters.js';
import { serverName } from './single-server.js';

type NodeParts = Pick<VarveNode, 'lookups' | 'config'>;

/** Definitions of lookups, and how they are doing: `/druid/coordinator/v1/lookups…`. */
export function lookupRoutes(node: NodeParts): Hono {
  const routes = new Hono();
  routes.route('/config', configRoutes(node));
  routes.route('/status', statusRoutes(node));
  routes.route('/nodeStatus', nodeStatusRoutes(node));
  return routes;
}

function configRoutes({ lookups }: NodeParts): Hono {
  const routes = new Hono();
  routes.get('/', (context) => {
    const names = new Set(lookups.tiers.keys());
    if (isTrue(context, 'discover', false)) names.add(ACTIVE_TIER);
    return context.json([...names]);
  });
  routes.post('/', async (context) => {
    const json = parseJson(await context.req.text());
    await lookups.define(parseDefinitions(json), auditInfo(context));
    return answerJson(context, json, 202);
  });
  routes.get('/all', (context) => {
    const tiers = Array.from(lookups.tiers, ([tier, all]) => [tier, Object.fromEntries(all)]);
    return answerJson(context, Object.fromEntries(tiers));
  });
  routes.get('/:tier', (context) => {
    const all = lookups.tier(pathText(context, 'tier'));
    return isTrue(context, 'detailed', false)
      ? answerJson(context, Object.fromEntries(all))
      : context.json([...all.keys()]);
  });
  routes.delete('/:tier', async (context) => {
    await lookups.remove(pathText(context, 'tier'), null, auditInfo(context));
    return context.body(null, 202);
  });
  routes.get('/:tier/:name', (context) =>
    answerJson(context, lookups.definition(pathText(context, 'tier'), pathText(context, 'name'))),
  );
  routes.post('/:tier/:name', async (context) => {
    const json = parseJson(await context.req.text());
    const tier = checkedName(pathText(context, 'tier'), 'tier');
    const name = checkedName(pathText(context, 'name'), 'lookup');
    const definition = parseDefinition(json, `${tier}.${name}`);
    await lookups.define(new Map([[tier, new Map([[name, definition]])]]), auditInfo(context));
    return answerJson(context, json, 202);
  });
  routes.delete('/:tier/:name', async (context) => {
    const [tier, name] = [pathText(context, 'tier'), pathText(context, 'name')];
    await lookups.remove(tier, name, auditInfo(context));
    return context.body(null, 202);
  });
  return routes;
}

function statusRoutes({ lookups, config }: NodeParts): Hono {
  const routes = new Hono();
  const statusOf = (tier: string, name: string, isDetailed: boolean): JsonObject => {
    const lookup = tier === ACTIVE_TIER ? lookups.active(name) : null;
    const pending = lookup?.isLoaded === false ? [serverName(config)] : [];
    return {
      loaded: lookup?.isLoaded ?? false,
      ...(isDetailed && { pendingNodes: pending }),
      ...problemOf(lookup),
    };
  };
  const tierStatus = (tier: string, isDetailed: boolean): JsonObject =>
    Object.fromEntries(
      Array.from(lookups.tier(tier).keys(), (name) => [name, statusOf(tier, name, isDetailed)]),
    );
  const isDetailed = (context: Context) => isTrue(context, 'detailed', false);
  routes.get('/', (context) => {
    const tiers = [...lookups.tiers.keys()];
    return context.json(
      Object.fromEntries(tiers.map((tier) => [tier, tierStatus(tier, isDetailed(context))])),
    );
  });
  routes.get('/:tier', (context) =>
    context.json(tierStatus(pathText(context, 'tier'), isDetailed(context))),
  );
  routes.get('/:tier/:name', (context) => {
    const [tier, name] = [pathText(context, 'tier'), pathText(context, 'name')];
    lookups.definition(tier, name);
    return context.json(statusOf(tier, name, isDetailed(context)));
  });
  return routes;
}

/** Why a lookup is not loaded: a field of our own. */
function problemOf(lookup: RegisteredLookup | null): JsonObject {
  if (lookup === null)
    return { error: `this process serves lookups of the tier ${ACTIVE_TIER} only` };
  return lookup.isLoaded ? {} : { error: lookup.problem };
}

/** What servers have: this process is the only one. */
function nodeStatusRoutes({ lookups, config }: NodeParts): Hono {
  const routes = new Hono();
  const own = serverName(config);
  const shownAs = (definition: LookupDefinition, isDetailed: boolean) =>
    isDetailed ? definition : definition.version;
  const serverStatus = (isDetailed: boolean): JsonObject => {
    const names = [...(lookups.tiers.get(ACTIVE_TIER)?.keys() ?? [])];
    const all = names.map((name) => lookups.active(name));
    const current = all.flatMap(({ name, loaded }) =>
      loaded === null ? [] : [[name, shownAs(loaded, isDetailed)]],
    );
    const toLoad = all.flatMap(({ name, definition, loaded }) =>
      loaded === definition ? [] : [[name, shownAs(definition, isDetailed)]],
    );
    const [has, waits] = [Object.fromEntries(current), Object.fromEntries(toLoad)];
    return { current: has, toLoad: waits, toDrop: [] };
  };
  const isDetailed = (context: Context) => isTrue(context, 'detailed', true);
  const checkTier = (tier: string): void => {
    if (tier !== ACTIVE_TIER) throw new NotFoundError(`there is no server of the tier "${tier}"`);
  };
  routes.get('/', (context) =>
    answerJson(context, { [ACTIVE_TIER]: { [own]: serverStatus(isDetailed(context)) } }),
  );
  routes.get('/:tier', (context) => {
    checkTier(pathText(context, 'tier'));
    return answerJson(context, { [own]: serverStatus(isDetailed(context)) });
  });
  routes.get('/:tier/:server', (context) => {
    checkTier(pathText(context, 'tier'));
    const server = pathText(context, 'server');
    if (server !== own)
      throw new NotFoundError(`there is no server "${server}"; there is "${own}"`);
    return answerJson(context, serverStatus(isDetailed(context)));
  });
  return routes;
}

/** Definitions may hold numbers that only our own JSON writes as they are. */
const answerJson = (context: Context, json: unknown, status: 200 | 202 = 200): Response =>
  context.body(stringifyJson(json), status, { 'Content-Type': 'application/json' });

/** A flag with a value, as Druid reads it. */
function isTrue(context: Context, flag: string, whenAbsent: boolean): boolean {
  const text = context.req.query(flag);
  return text === undefined ? whenAbsent : text.toLowerCase() !== 'false';
}
