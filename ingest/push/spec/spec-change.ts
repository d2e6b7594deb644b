import { isDeepStrictEqual } from 'node:util';
import { mergedType } from '../../../model/index.js';
import type { DimensionSchema } from '../../../segments/index.js';
import { pathTo, shown } from '../../spec/fields.js';
import { Problems } from '../../spec/problems.js';
import { arrivalDimension, type TableSpec } from './table-spec.js';

/**
 * Checks that `next` may follow `previous` for a table that has these dimensions by now. Throws one UserError
 * with every reason why not.
 *
 * May change   how new rows are read: timestampSpec, transforms, what is discovered, and new dimensions and metrics
 *              behind the others (older rows have null in them); types of dimensions, to others that all values fit,
 *              as which stored ones are read; indexes and star-trees, of files that are written from then on; time, limits, dedup and
 *              handoff
 * May not      whatever rows that are stored depend on. Dimensions and metrics stay, in their order, and metrics with
 *              their types: segments of one table are merged column by column. Rollup and the granularities
 *              stay, because rows that were rolled up cannot be told apart again, and segments of one time
 *              chunk must have one length
 */
export function checkSpecChange(
  previous: TableSpec,
  next: TableSpec,
  dimensions: readonly DimensionSchema[],
): void {
  const problems = new Problems();
  checkDimensions(previous, next, dimensions, problems);
  checkMetrics(previous, next, dimensions, problems);
  checkGranularity(previous, next, problems);
  problems.throwIfAny();
}

function checkDimensions(
  previous: TableSpec,
  next: TableSpec,
  dimensions: readonly DimensionSchema[],
  problems: Problems,
): void {
  const field = 'dimensionsSpec.dimensions';
  const listed = next.dimensions.listed;
  for (const [i, { name }] of previous.dimensions.listed.entries()) {
    if (listed[i]?.name === name) continue;
    problems.add(
      `${field}[${i}]`,
      `the table has ${shown(name)} there, and dimensions keep their places; list it there and new ones behind; got ${shown(listed[i]?.name)}`,
    );
  }
  const known = new Map(dimensions.map((dimension) => [dimension.name, dimension]));
  for (const dimension of [...listed, ...arrivalDimension(next)]) {
    const stored = known.get(dimension.name);
    if (stored === undefined || fits(stored, dimension)) continue;
    problems.add(
      field,
      `the table has the column ${shown(dimension.name)} as ${textOf(stored)}, and not all values of that fit; list it so or as a type that they fit, or give the new one another name; got ${textOf(dimension)}`,
    );
  }
  for (const { name } of arrivalDimension(previous)) {
    if ([...listed, ...arrivalDimension(next)].some((each) => each.name === name)) continue;
    problems.add(
      'time.arrivalColumn',
      `the table has the column ${shown(name)}; keep it, or list it as a dimension of type long; got ${shown(next.time.arrivalColumn)}`,
    );
  }
}

/** Whether values of the stored column fit the listed one. Nobody chose the type of an `auto` one, which may be chosen now. */
function fits(stored: DimensionSchema, listed: DimensionSchema): boolean {
  if (textOf(stored) === textOf(listed) || stored.auto === 'NOTHING') return true;
  if (listed.auto !== undefined) return stored.auto !== undefined;
  if (listed.type === stored.type) return stored.auto !== undefined;
  return mergedType([{ type: stored.type }, { type: listed.type }]).type === listed.type;
}

function textOf({ type, auto, multiValueHandling }: DimensionSchema): string {
  if (auto !== undefined) return auto === 'NOTHING' ? 'auto' : `${type} (auto)`;
  return type === 'STRING' ? `${type} (${multiValueHandling})` : type;
}

function checkMetrics(
  previous: TableSpec,
  next: TableSpec,
  dimensions: readonly DimensionSchema[],
  problems: Problems,
): void {
  for (const [i, { spec }] of previous.metrics.entries()) {
    const found = next.metrics[i]?.spec;
    if (isDeepStrictEqual(found, spec)) continue;
    problems.add(
      `metricsSpec[${i}]`,
      `the table has ${shown(spec)} there, and stored rows cannot be added up anew; list it there and new ones behind; got ${shown(found)}`,
    );
  }
  const taken = new Set(dimensions.map(({ name }) => name));
  for (const [i, { name }] of next.metrics.entries()) {
    if (!taken.has(name)) continue;
    problems.add(
      `metricsSpec[${i}].name`,
      `the table has a dimension ${shown(name)}; choose another name`,
    );
  }
}

function checkGranularity(previous: TableSpec, next: TableSpec, problems: Problems): void {
  const [old, now] = [previous.granularity, next.granularity];
  const same = (name: string, before: unknown, after: unknown): void => {
    if (isDeepStrictEqual(before, after)) return;
    problems.add(
      pathTo('granularitySpec', name),
      `the table has ${shown(before)}, which holds as long as the table; keep it, or make a new table; got ${shown(after)}`,
    );
  };
  same('rollup', old.rollup, now.rollup);
  same('queryGranularity', old.queryGranularity.spec, now.queryGranularity.spec);
  same('segmentGranularity', old.segmentGranularity.spec, now.segmentGranularity.spec);
}
