import { type Context, Hono } from 'hono';
import type { JsonObject } from '../../core/index.js';
import { formatInterval, type Interval, overlaps } from '../../model/index.js';
import { innerTableNames, type NativeQuery, parseNativeQuery } from '../../query/index.js';
import type { VarveNode } from '../node.js';
import { jsonObjectBody } from './body.js';
import type { ClusterView } from './coordinator/cluster-view.js';
import { copiesOf, serverMetadata } from './coordinator/copies.js';
import { pathText, queryInteger, queryText, readInterval } from './parameters.js';

/** Which segments a query would read, and where they are: `/druid/v2/candidates` and `/druid/v2/datasources/{table}/candidates`. */
export function candidateRoutes({ lookups }: Pick<VarveNode, 'lookups'>, view: ClusterView): Hono {
  const routes = new Hono();
  routes.post('/candidates', async (context) => {
    const query = parseNativeQuery(await jsonObjectBody(context), lookups.names());
    return answer(context, view, innerTableNames(query), readIntervals(query));
  });
  routes.get('/datasources/:name/candidates', (context) => {
    const intervals = queryText(context, 'intervals')
      .split(',')
      .map((text) => readInterval(text, 'intervals'));
    return answer(context, view, [pathText(context, 'name')], intervals);
  });
  return routes;
}

/** Those of the innermost query, which is the one that reads segments. */
function readIntervals(query: NativeQuery): readonly Interval[] {
  let inner = query;
  while (inner.dataSource.type === 'query') inner = inner.dataSource.query;
  return inner.intervals;
}

/** Segments by time, and of servers as many as are asked for. */
function answer(
  context: Context,
  view: ClusterView,
  tables: readonly string[],
  intervals: readonly Interval[],
): Response {
  const most = queryInteger(context, 'numCandidates', -1);
  const copies = copiesOf(view.servers())
    .filter(({ segment: { id } }) => tables.includes(id.dataSource))
    .filter(({ segment: { id } }) => intervals.some((each) => overlaps(each, id.interval)))
    .sort(
      ({ segment: { id: a } }, { segment: { id: b } }) =>
        a.interval.startMs - b.interval.startMs || a.partitionNum - b.partitionNum,
    );
  return context.json(
    copies.map(
      ({ segment: { id, sealed }, servers }): JsonObject => ({
        interval: formatInterval(id.interval),
        version: id.version,
        partitionNumber: id.partitionNum,
        size: sealed.sizeBytes,
        locations: (most < 0 ? servers : servers.slice(0, most)).map(serverMetadata),
      }),
    ),
  );
}
