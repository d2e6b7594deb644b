import { Hono } from 'hono';
import { type AuditEntry, CoordinatorSettings } from '../../../cluster/index.js';
import { type JsonObject, stringifyJson } from '../../../core/index.js';
import { formatInstant } from '../../../model/index.js';
import type { VarveNode } from '../../node.js';
import { jsonObjectBody } from '../body.js';
import { auditInfo, historyRange } from '../parameters.js';

/** The coordinator's dynamic configuration: `/druid/coordinator/v1/config`, but for that of compaction. */
export function configRoutes({ metadata, clock }: Pick<VarveNode, 'metadata' | 'clock'>): Hono {
  const settings = () => new CoordinatorSettings(metadata.settings);
  const routes = new Hono();
  routes.get('/', async (context) => context.json(await settings().config()));
  routes.post('/', async (context) => {
    await settings().setConfig(await jsonObjectBody(context), auditInfo(context));
    return context.body(null, 200);
  });
  routes.get('/history', async (context) => {
    const range = historyRange(context, clock.nowMs());
    const changes = await settings().history('coordinator.config', range);
    return context.json(changes.map((change) => configEntry(change)));
  });
  // No historical is the clone of another one.
  routes.get('/cloneStatus', (context) => context.json({ cloneStatus: [] }));
  return routes;
}

/** Druid's audit entry of a configuration: the name is the type as well. */
export const configEntry = (change: AuditEntry): JsonObject => {
  const { name, author, comment, ip, value, timeMs } = change;
  return {
    key: name,
    type: name,
    auditInfo: { author, identity: null, comment, ip },
    payload: stringifyJson(value),
    auditTime: formatInstant(timeMs),
  };
};
