import { type Context, Hono } from 'hono';
import type { StoredSegment } from '../../../cluster/index.js';
import { NotFoundError, parseJson, stringifyJson, UserError } from '../../../core/index.js';
import { contains, ETERNITY, type Interval, overlaps } from '../../../model/index.js';
import type { VarveNode } from '../../node.js';
import { has, pathText, queryCount, queryInterval, readInterval } from '../parameters.js';
import { dataSegment, dataSource, listed, unusedSegment } from './data-segment.js';

type NodeParts = Pick<VarveNode, 'inventory' | 'metadata'>;

/** What the metadata store says of segments, whether they are served or not: `…/metadata/…`. */
export function metadataRoutes({ inventory, metadata }: NodeParts): Hono {
  const routes = new Hono();
  /** Those of a table that count. Throws NotFoundError when there are none. */
  const segmentsOf = (context: Context): readonly StoredSegment[] => {
    const name = pathText(context, 'name');
    const segments = inventory.placed(name);
    if (segments.length > 0) return segments;
    throw new NotFoundError(
      `no table "${name}" has segments that count; look for names at /druid/coordinator/v1/metadata/datasources?includeUnused`,
    );
  };

  routes.get('/datasources', async (context) => {
    if (has(context, 'includeUnused') || has(context, 'includeDisabled')) {
      return context.json(await metadata.segments.dataSources());
    }
    const names = inventory.dataSources();
    return context.json(
      has(context, 'full') ? names.map((name) => dataSource(name, inventory.placed(name))) : names,
    );
  });
  routes.get('/datasources/:name', (context) =>
    context.json(dataSource(pathText(context, 'name'), segmentsOf(context))),
  );
  routes.get('/datasources/:name/segments', (context) =>
    context.json(listed(segmentsOf(context), has(context, 'full'))),
  );
  routes.post('/datasources/:name/segments', async (context) => {
    const intervals = readIntervals(parseJson(await context.req.text()));
    const there = inventory
      .placed(pathText(context, 'name'))
      .filter(({ id }) => intervals.some((interval) => overlaps(interval, id.interval)));
    return context.json(listed(there, has(context, 'full')));
  });
  routes.get('/datasources/:name/segments/:id', async (context) => {
    const name = pathText(context, 'name');
    const id = pathText(context, 'id');
    const unused =
      context.req.query('includeUnused') === 'true' ? await metadata.segments.unused(name) : [];
    const segment = [...inventory.placed(name), ...unused].find(({ idText }) => idText === id);
    if (segment !== undefined) return context.json(dataSegment(segment));
    throw new NotFoundError(
      `the table "${name}" has no segment "${id}" that counts; add ?includeUnused=true to see those that do not`,
    );
  });
  routes.get('/datasources/:name/unusedSegments', async (context) => {
    const page = readPage(context);
    const unused = await metadata.segments.unused(pathText(context, 'name'));
    return context.json(pageOf(unused, page).map(unusedSegment));
  });
  routes.get('/segments', (context) => {
    const wanted = context.req.queries('datasources') ?? inventory.dataSources();
    const isOvershadowed = has(context, 'includeOvershadowedStatus');
    // What newer segments hide does not count.
    const status = isOvershadowed ? { overshadowed: false, replicationFactor: 1 } : {};
    const segments = [...new Set(wanted)].flatMap((name) => inventory.placed(name));
    return context.json(segments.map((segment) => ({ ...dataSegment(segment), ...status })));
  });
  routes.post('/dataSourceInformation', async (context) => {
    const names = readTexts(parseJson(await context.req.text()), 'data sources');
    const information = names.flatMap((datasource) => {
      const schema = inventory.schema(datasource);
      if (schema === null) return [];
      const rowSignature = schema.columns.map(({ name, type }) => ({ name, type }));
      return { datasource, rowSignature };
    });
    return context.json(information);
  });
  // Nothing has to be loaded before other segments.
  routes.post('/bootstrapSegments', (context) => context.json([]));
  return routes;
}

/** Which part of a list is asked for. */
interface Page {
  readonly interval: Interval;
  readonly limit: number;
  readonly lastSegmentId: string | null;
  readonly isDescending: boolean;
}

function readPage(context: Context): Page {
  const order = (context.req.query('sortOrder') ?? 'ASC').toUpperCase();
  if (order !== 'ASC' && order !== 'DESC') {
    throw new UserError(
      `sortOrder: want ASC or DESC; got ${JSON.stringify(order)}`,
      'request',
      'sortOrder',
    );
  }
  return {
    interval: queryInterval(context) ?? ETERNITY,
    limit: queryCount(context, 'limit') ?? Number.POSITIVE_INFINITY,
    lastSegmentId: context.req.query('lastSegmentId') ?? null,
    isDescending: order === 'DESC',
  };
}

/** By id: those behind the last one that the client has seen. */
function pageOf(
  segments: readonly StoredSegment[],
  { interval, limit, lastSegmentId, isDescending }: Page,
): StoredSegment[] {
  const sign = isDescending ? -1 : 1;
  const isBehind = (a: string, b: string) => (isDescending ? a < b : a > b);
  return segments
    .filter(({ id }) => contains(interval, id.interval))
    .filter(({ idText }) => lastSegmentId === null || isBehind(idText, lastSegmentId))
    .sort((a, b) => sign * (a.idText < b.idText ? -1 : 1))
    .slice(0, limit);
}

const readIntervals = (json: unknown): Interval[] =>
  readTexts(json, 'intervals').map((text, i) => readInterval(text, `[${i}]`));

function readTexts(json: unknown, what: string): string[] {
  if (Array.isArray(json) && json.every((each) => typeof each === 'string')) return json;
  throw new UserError(
    `the request body must be a list of ${what}, as texts; got ${stringifyJson(json).slice(0, 60)}`,
    'request',
  );
}
