import { Hono } from 'hono';
import { ETERNITY } from '../../model/index.js';
import type { VarveNode } from '../node.js';
import { columnsByInterval, columnsIn } from './columns.js';
import { has, queryInterval } from './parameters.js';

/** What the broker knows of its tables: `/druid/v2/datasources…`. */
export function dataSourceRoutes({ inventory }: VarveNode): Hono {
  /** Names of columns of one role, whatever their age: clients take an empty list for a broken table. */
  const names = (dataSource: string, role: 'dimension' | 'metric'): string[] =>
    (inventory.schema(dataSource)?.columns ?? [])
      .filter((column) => column.role === role)
      .map(({ name }) => name);

  const routes = new Hono();
  routes.get('/', (context) => context.json(inventory.tables()));
  routes.get('/:name', (context) => {
    const name = context.req.param('name');
    const interval = queryInterval(context);
    if (has(context, 'full')) {
      return context.json(columnsByInterval(inventory.placed(name), interval ?? ETERNITY));
    }
    if (interval !== null) return context.json(columnsIn(inventory.placed(name), interval));
    return context.json({ dimensions: names(name, 'dimension'), metrics: names(name, 'metric') });
  });
  routes.get('/:name/dimensions', (context) =>
    context.json(names(context.req.param('name'), 'dimension')),
  );
  routes.get('/:name/metrics', (context) =>
    context.json(names(context.req.param('name'), 'metric')),
  );
  return routes;
}
