import type { JsonObject } from '../../../core/index.js';
import type { DimensionSchema } from '../../../segments/index.js';
import { readSchema } from '../../spec/data-schema.js';
import { pathTo, readObject, shown } from '../../spec/fields.js';
import { Problems } from '../../spec/problems.js';
import type { RowSpec } from '../../spec/task-spec.js';
import {
  type DedupSettings,
  type HandoffSettings,
  type LimitSettings,
  readDedup,
  readHandoff,
  readLimits,
  readTime,
  type TimeSettings,
} from './settings.js';

/** A checked declaration of a push table: every default filled in, every name legal. */
export interface TableSpec extends RowSpec {
  readonly dataSource: string;
  readonly time: TimeSettings;
  readonly limits: LimitSettings;
  readonly dedup: DedupSettings;
  readonly handoff: HandoffSettings;
  /** The JSON as submitted. */
  readonly json: JsonObject;
}

/** The members of a declaration that is not wrapped. */
const MEMBERS = [
  'dataSource',
  'timestampSpec',
  'dimensionsSpec',
  'metricsSpec',
  'granularitySpec',
  'transformSpec',
  'starTrees',
  'parser',
  'time',
  'limits',
  'dedup',
  'handoff',
];

/** Where the parts of a declaration stand. */
interface Places {
  readonly schema: JsonObject;
  readonly schemaPath: string;
  /** The setting of this name, from the outside in, and its path. */
  setting(name: string): { readonly json: unknown; readonly path: string };
}

/**
 * Reads the declaration of table `name`: Druid's `dataSchema`, bare or inside
 * `{"dataSchema": …}` or `{"spec": {"dataSchema": …}}`, with `time`, `limits`, `dedup` and `handoff`
 * beside it. Throws one UserError of kind 'spec' that names every problem.
 */
export function parseTableSpec(name: string, json: unknown): TableSpec {
  const body = readObject(json, '');
  const problems = new Problems();
  const places = placesIn(body, problems);
  const { schemaPath } = places;
  const named = { dataSource: name, ...withoutNulls(places.schema) };
  const read = <T>(setting: string, reader: (json: unknown, path: string) => T): T | null => {
    const { json: given, path } = places.setting(setting);
    return problems.collect(path, () => reader(given, path));
  };
  const time = read('time', readTime);
  const arrival = time?.arrivalColumn ?? null;
  const schema = problems.collect(pathTo(schemaPath, 'dataSchema'), () =>
    readSchema(named, schemaPath, problems, false, arrival === null ? [] : [arrival]),
  );
  if (schema !== null) checkSchema(schema, name, schemaPath, problems);
  const limits = read('limits', readLimits);
  const dedup = read('dedup', readDedup);
  const handoff = read('handoff', readHandoff);
  if (time !== null && schema !== null) {
    checkArrivalColumn(time, schema, places.setting('time').path, problems);
  }
  problems.throwIfAny();
  const { named: _, keepsNullElements: __, ...rows } = schema!;
  return { ...rows, time: time!, limits: limits!, dedup: dedup!, handoff: handoff!, json: body };
}

/** The column of arrival times as a dimension; none when there is no such column. */
export const arrivalDimension = ({ time }: TableSpec): DimensionSchema[] =>
  time.arrivalColumn === null
    ? []
    : [{ name: time.arrivalColumn, type: 'LONG', multiValueHandling: 'SORTED_ARRAY' }];

function placesIn(body: JsonObject, problems: Problems): Places {
  const layers: { readonly json: JsonObject; readonly path: string }[] = [{ json: body, path: '' }];
  for (const wrapper of ['spec', 'dataSchema']) {
    const { json, path } = layers.at(-1)!;
    if (!Object.hasOwn(json, wrapper)) continue;
    const inner = problems.collect(pathTo(path, wrapper), () =>
      readObject(json[wrapper], pathTo(path, wrapper)),
    );
    layers.push({ json: inner ?? {}, path: pathTo(path, wrapper) });
  }
  if (layers.length === 1) refuseOthers(body, problems);
  const { json: schema, path: schemaPath } = layers.at(-1)!;
  return {
    schema,
    schemaPath,
    setting: (name) => {
      const { json, path } = layers.find((layer) => Object.hasOwn(layer.json, name)) ?? layers[0]!;
      return { json: json[name], path: pathTo(path, name) };
    },
  };
}

/** A bare declaration is our own form: a member that nobody reads is a slip of the pen. */
function refuseOthers(body: JsonObject, problems: Problems): void {
  for (const name of Object.keys(body)) {
    if (MEMBERS.includes(name)) continue;
    problems.add(name, `unknown; want one of ${MEMBERS.join(', ')}; got ${shown(body[name])}`);
  }
}

function checkSchema(
  { dataSource, filter, granularity }: RowSpec & { readonly dataSource: string },
  name: string,
  path: string,
  problems: Problems,
): void {
  if (dataSource !== name) {
    problems.add(
      pathTo(path, 'dataSource'),
      `the request is for table ${shown(name)}; leave it out; got ${shown(dataSource)}`,
    );
  }
  if (filter !== null) {
    problems.add(
      pathTo(path, 'transformSpec.filter'),
      `pushed rows must not vanish; leave rows out where they are sent, or filter in queries; got ${shown(filter.spec)}`,
    );
  }
  if (granularity.intervals !== null) {
    problems.add(
      pathTo(path, 'granularitySpec.intervals'),
      'pushed rows must not vanish; leave it out, and use time.late and time.maxFuture to refuse rows by their time',
    );
  }
}

function checkArrivalColumn(
  { arrivalColumn }: TimeSettings,
  { dimensions, metrics, timestamp }: RowSpec,
  path: string,
  problems: Problems,
): void {
  if (arrivalColumn === null) return;
  const taken = [
    '__time',
    '',
    timestamp.column,
    ...dimensions.listed.map(({ name }) => name),
    ...metrics.map(({ name }) => name),
  ];
  if (!taken.includes(arrivalColumn)) return;
  problems.add(
    pathTo(path, 'arrivalColumn'),
    `want a name that no other column has; got ${shown(arrivalColumn)}`,
  );
}

/** `null` is the same as absent. */
const withoutNulls = (json: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
