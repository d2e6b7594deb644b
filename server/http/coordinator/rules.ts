import { Hono } from 'hono';
import type { AuditEntry, Rule } from '../../../cluster/index.js';
import { type JsonObject, parseJson, stringifyJson } from '../../../core/index.js';
import { formatInstant } from '../../../model/index.js';
import type { VarveNode } from '../../node.js';
import { auditInfo, has, historyRange, pathText } from '../parameters.js';

/** Retention rules: `/druid/coordinator/v1/rules…`. */
export function ruleRoutes({ rules, clock }: Pick<VarveNode, 'rules' | 'clock'>): Hono {
  const routes = new Hono();
  routes.get('/', async (context) => {
    const all = [...(await rules.all())].map(([name, list]) => [name, list.map(jsonOf)]);
    return context.json(Object.fromEntries(all));
  });
  routes.get('/history', async (context) => {
    const range = historyRange(context, clock.nowMs());
    return context.json((await rules.history(null, range)).map(auditEntry));
  });
  routes.get('/:name', async (context) => {
    const name = pathText(context, 'name');
    const list = has(context, 'full') ? await rules.inForce(name) : await rules.of(name);
    return context.json(list.map(jsonOf));
  });
  routes.post('/:name', async (context) => {
    const json = parseJson(await context.req.text());
    await rules.set(pathText(context, 'name'), json, auditInfo(context));
    return context.body(null, 200);
  });
  routes.get('/:name/history', async (context) => {
    const range = historyRange(context, clock.nowMs());
    return context.json((await rules.history(pathText(context, 'name'), range)).map(auditEntry));
  });
  return routes;
}

const jsonOf = ({ json }: Rule): JsonObject => json;

/** Druid's audit entry. What was taken away is an empty list of rules. */
const auditEntry = ({ name, author, comment, ip, value, timeMs }: AuditEntry): JsonObject => ({
  key: name,
  type: 'rules',
  auditInfo: { author, identity: null, comment, ip },
  payload: stringifyJson(value ?? []),
  auditTime: formatInstant(timeMs),
});
