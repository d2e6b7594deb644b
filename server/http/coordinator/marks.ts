import { type Context, Hono } from 'hono';
import { ALL_SEGMENTS, type SegmentSelection } from '../../../cluster/index.js';
import { NotFoundError, stringifyJson, UserError } from '../../../core/index.js';
import { formatInterval, type Interval } from '../../../model/index.js';
import type { VarveNode } from '../../node.js';
import { jsonObjectBody } from '../body.js';
import { has, pathInterval, pathText, queryText, readInterval } from '../parameters.js';

type NodeParts = Pick<VarveNode, 'inventory' | 'metadata' | 'tasks'>;

/** Segments that are dropped and taken back: changes at `…/datasources/{name}…`. */
export function markRoutes({ inventory, metadata, tasks }: NodeParts): Hono {
  const submitKill = (dataSource: string, interval: Interval): Promise<string> =>
    tasks.submit({ type: 'kill', dataSource, interval: formatInterval(interval) });

  /** What the body selects. Throws NotFoundError for ids that were never published. */
  const selectionOf = async (context: Context): Promise<SegmentSelection> => {
    const selection = readSelection(await jsonObjectBody(context));
    if (selection.kind !== 'ids') return selection;
    const name = pathText(context, 'name');
    const all = [...inventory.placed(name), ...(await metadata.segments.unused(name))];
    const known = new Set(all.map(({ idText }) => idText));
    const unknown = selection.ids.filter((id) => !known.has(id));
    if (unknown.length === 0) return selection;
    throw new NotFoundError(
      `segmentIds: the table "${name}" has no segments ${stringifyJson(unknown)}; look for ids at /druid/coordinator/v1/metadata/datasources/{table}/segments and …/unusedSegments`,
    );
  };

  const routes = new Hono();
  routes.post('/:name', async (context) =>
    context.json({
      numChangedSegments: await inventory.markUsed(pathText(context, 'name'), ALL_SEGMENTS),
    }),
  );
  routes.delete('/:name', async (context) => {
    const name = pathText(context, 'name');
    if (has(context, 'kill') && context.req.query('kill') !== 'false') {
      await submitKill(name, readInterval(queryText(context, 'interval'), 'interval'));
      return context.body(null, 200);
    }
    return context.json({ numChangedSegments: await inventory.markUnused(name, ALL_SEGMENTS) });
  });
  routes.post('/:name/markUsed', async (context) => {
    const selection = await selectionOf(context);
    const name = pathText(context, 'name');
    return context.json({ numChangedSegments: await inventory.markUsed(name, selection) });
  });
  routes.post('/:name/markUnused', async (context) => {
    const selection = await selectionOf(context);
    const name = pathText(context, 'name');
    return context.json({ numChangedSegments: await inventory.markUnused(name, selection) });
  });
  routes.post('/:name/segments/:id', async (context) => {
    const [name, selection] = segmentOf(context);
    return context.json({
      segmentStateChanged: (await inventory.markUsed(name, selection)) > 0,
    });
  });
  routes.delete('/:name/segments/:id', async (context) => {
    const [name, selection] = segmentOf(context);
    return context.json({
      segmentStateChanged: (await inventory.markUnused(name, selection)) > 0,
    });
  });
  routes.delete('/:name/intervals/:interval', async (context) => {
    await submitKill(pathText(context, 'name'), pathInterval(context));
    return context.body(null, 200);
  });
  return routes;
}

const segmentOf = (context: Context): [string, SegmentSelection] => [
  pathText(context, 'name'),
  { kind: 'ids', ids: [pathText(context, 'id')] },
];

/** Reads `{interval, versions?}` or `{segmentIds}`. Throws UserError. */
function readSelection({
  interval,
  segmentIds,
  versions,
}: Record<string, unknown>): SegmentSelection {
  const isGiven = (value: unknown) => value !== undefined && value !== null;
  if (isGiven(interval) === isGiven(segmentIds)) {
    const got = isGiven(interval) ? 'both' : 'neither';
    throw refused('interval', `want either interval or segmentIds; got ${got}`);
  }
  if (isGiven(segmentIds)) {
    if (isGiven(versions)) {
      throw refused('versions', 'they go with interval only; leave them out, ids say the version');
    }
    return { kind: 'ids', ids: readTexts(segmentIds, 'segmentIds') };
  }
  if (typeof interval !== 'string') {
    const got = stringifyJson(interval);
    throw refused('interval', `want a text such as "2024-01-01/2024-02-01"; got ${got}`);
  }
  return {
    kind: 'interval',
    interval: readInterval(interval, 'interval'),
    versions: isGiven(versions) ? readTexts(versions, 'versions') : null,
  };
}

function readTexts(json: unknown, field: string): string[] {
  const isList = Array.isArray(json) && json.length > 0;
  if (isList && json.every((each) => typeof each === 'string')) return json;
  throw refused(field, `want a list of texts that is not empty; got ${stringifyJson(json)}`);
}

const refused = (field: string, why: string): UserError =>
  new UserError(`${field}: ${why}`, 'request', field);
