import { type Context, Hono } from 'hono';
import { type JsonObject, NotFoundError, parseJson } from '../../../core/index.js';
import {
  ACTIVE_TIER,
  checkedName,
  parseDefinition,
  parseDefinitions,
} from '../../lookups/definition.js';
import { type LookupState, lookupState, problemOf } from '../../lookups/lookup-state.js';
import type { VarveNode } from '../../node.js';
import { answerJson } from '../answer.js';
import { auditInfo, pathText } from '../parameters.js';
import type { ClusterView } from './cluster-view.js';
import { serverName } from './single-server.js';

type NodeParts = Pick<VarveNode, 'lookups' | 'config'>;

/** Definitions of lookups, and how they are doing: `/druid/coordinator/v1/lookups…`. */
export function lookupRoutes(node: NodeParts, view: Pick<ClusterView, 'lookups'> = {}): Hono {
  const { lookups, config } = node;
  const alone = async () => new Map([[serverName(config), lookupState(lookups)]]);
  const states = view.lookups ?? alone;
  const routes = new Hono();
  routes.route('/config', configRoutes(node));
  routes.route('/status', statusRoutes(node, states));
  routes.route('/nodeStatus', nodeStatusRoutes(states));
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

/** By server; null for one that does not answer. */
type States = ReadonlyMap<string, LookupState | null>;

function statusRoutes({ lookups }: NodeParts, states: () => Promise<States>): Hono {
  const routes = new Hono();
  const statusOf = (tier: string, name: string, all: States, isDetailed: boolean): JsonObject => {
    if (tier !== ACTIVE_TIER) {
      const error = `servers serve lookups of the tier ${ACTIVE_TIER} only`;
      return { loaded: false, ...(isDetailed && { pendingNodes: [] }), error };
    }
    const definition = lookups.definition(tier, name);
    const pending = [...all].flatMap(([server, state]) => {
      const problem = problemOf(state, name, definition);
      return problem === null ? [] : [{ server, problem }];
    });
    return {
      loaded: pending.length === 0,
      ...(isDetailed && { pendingNodes: pending.map(({ server }) => server) }),
      // Why it is not: a field of our own.
      ...(pending.length > 0 && { error: pending[0]!.problem }),
    };
  };
  const tierStatus = (tier: string, all: States, isDetailed: boolean): JsonObject =>
    Object.fromEntries(
      Array.from(lookups.tier(tier).keys(), (name) => [
        name,
        statusOf(tier, name, all, isDetailed),
      ]),
    );
  const isDetailed = (context: Context) => isTrue(context, 'detailed', false);
  routes.get('/', async (context) => {
    const all = await states();
    const tiers = [...lookups.tiers.keys()];
    return context.json(
      Object.fromEntries(tiers.map((tier) => [tier, tierStatus(tier, all, isDetailed(context))])),
    );
  });
  routes.get('/:tier', async (context) =>
    context.json(tierStatus(pathText(context, 'tier'), await states(), isDetailed(context))),
  );
  routes.get('/:tier/:name', async (context) => {
    const [tier, name] = [pathText(context, 'tier'), pathText(context, 'name')];
    lookups.definition(tier, name);
    return context.json(statusOf(tier, name, await states(), isDetailed(context)));
  });
  return routes;
}

/** What servers have. */
function nodeStatusRoutes(states: () => Promise<States>): Hono {
  const routes = new Hono();
  const shown = (all: LookupState['current'], isDetailed: boolean): JsonObject =>
    Object.fromEntries(
      Object.entries(all).map(([name, definition]) => [
        name,
        isDetailed ? definition : definition.version,
      ]),
    );
  /** By server; of those that answer. */
  const statuses = async (context: Context): Promise<JsonObject> => {
    const isDetailed = isTrue(context, 'detailed', true);
    const found = [...(await states())].flatMap(([server, state]) => {
      if (state === null) return [];
      const [current, toLoad] = [shown(state.current, isDetailed), shown(state.toLoad, isDetailed)];
      return [[server, { current, toLoad, toDrop: [] }]];
    });
    return Object.fromEntries(found);
  };
  const checkTier = (tier: string): void => {
    if (tier !== ACTIVE_TIER) throw new NotFoundError(`there is no server of the tier "${tier}"`);
  };
  routes.get('/', async (context) =>
    answerJson(context, { [ACTIVE_TIER]: await statuses(context) }),
  );
  routes.get('/:tier', async (context) => {
    checkTier(pathText(context, 'tier'));
    return answerJson(context, await statuses(context));
  });
  routes.get('/:tier/:server', async (context) => {
    checkTier(pathText(context, 'tier'));
    const server = pathText(context, 'server');
    const all = await statuses(context);
    if (!Object.hasOwn(all, server)) {
      throw new NotFoundError(
        `there is no server "${server}" that answers; there are ${JSON.stringify(Object.keys(all))}`,
      );
    }
    return answerJson(context, all[server]);
  });
  return routes;
}

/** A flag with a value, as Druid reads it. */
function isTrue(context: Context, flag: string, whenAbsent: boolean): boolean {
  const text = context.req.query(flag);
  return text === undefined ? whenAbsent : text.toLowerCase() !== 'false';
}
