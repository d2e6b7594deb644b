import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import {
  type Granularity,
  type Interval,
  parseGranularity,
  parseInterval,
} from '../../model/index.js';
import { readDimensions } from '../spec/dimensions.js';
import {
  flagField,
  jsonField,
  readerOfType,
  readFields,
  readObject,
  requiredText,
  shown,
  textField,
  textsField,
} from '../spec/fields.js';
import { readGranularity } from '../spec/granularity.js';
import { readMetrics } from '../spec/metrics.js';
import { checkFieldNames, checkName } from '../spec/names.js';
import { Problems } from '../spec/problems.js';
import { readStarTrees, type StoredColumns } from '../spec/star-trees.js';
import { readTransforms } from '../spec/transforms.js';
import { readTuning } from '../spec/tuning.js';

/** A checked `compact` task. What is null is taken from the segments, once they are known. */
export interface CompactSpec {
  readonly id: string | null;
  readonly dataSource: string;
  readonly input: CompactInput;
  readonly dropExisting: boolean;
  readonly segmentGranularity: Granularity | null;
  readonly queryGranularity: Granularity | null;
  readonly rollup: boolean | null;
  /** The JSON that `index_parallel` takes. */
  readonly dimensionsSpec: JsonObject | null;
  readonly metricsSpec: readonly unknown[] | null;
  readonly transformSpec: JsonObject | null;
  /** As `dataSchema` has them. */
  readonly starTrees: unknown;
  readonly tuningConfig: JsonObject | null;
  /** The JSON as submitted. */
  readonly json: JsonObject;
}

/** What to compact: the chunks that an interval touches, or the segments of these ids. */
export type CompactInput =
  | {
      readonly type: 'interval';
      readonly interval: Interval;
      /** What the segments must be: a hash of their ids; null: whatever they are. */
      readonly sha256OfSortedSegmentIds: string | null;
    }
  | { readonly type: 'segments'; readonly segments: readonly string[] };

const Task = z.object({
  id: jsonField,
  dataSource: jsonField,
  ioConfig: jsonField,
  /** Before Druid had an `ioConfig` here. */
  interval: jsonField,
  segmentGranularity: jsonField,
  granularitySpec: jsonField,
  dimensionsSpec: jsonField,
  metricsSpec: jsonField,
  transformSpec: jsonField,
  starTrees: jsonField,
  tuningConfig: jsonField,
});

const IoConfig = z.object({ inputSpec: jsonField, dropExisting: flagField(false) });

const IntervalInput = z.object({
  interval: requiredText,
  sha256OfSortedSegmentIds: textField(null),
});

const SegmentsInput = z.object({ segments: textsField });

const INPUTS: ReadonlyMap<string, (json: unknown, field: string) => CompactInput> = new Map([
  ['interval', readIntervalInput],
  ['segments', readSegmentsInput],
]);

/** Reads a `compact` task. Throws one UserError of kind 'spec' that names every problem. */
export function parseCompactSpec(json: unknown): CompactSpec {
  const task = readFields(Task, json, 'task');
  const problems = new Problems();
  const at = <T>(field: string, read: (field: string) => T): T | null =>
    problems.collect(field, () => read(field));
  const id = at('id', (field) => (isAbsent(task.id) ? null : checkName(task.id, field)));
  const dataSource = at('dataSource', (field) => checkName(task.dataSource, field));
  const io = at('ioConfig', (field) => readIo(task, field));
  const granularity = at('granularitySpec', (field) => readGranularities(task, field));
  at('tuningConfig', (field) => readTuning(task.tuningConfig ?? {}, field, false));
  checkSchema(task, problems);
  problems.throwIfAny();
  return {
    id,
    dataSource: dataSource!,
    ...io!,
    ...granularity!,
    dimensionsSpec: objectOrNull(task.dimensionsSpec),
    metricsSpec: isAbsent(task.metricsSpec) ? null : (task.metricsSpec as unknown[]),
    transformSpec: objectOrNull(task.transformSpec),
    starTrees: task.starTrees ?? null,
    tuningConfig: objectOrNull(task.tuningConfig),
    json: readObject(json, 'task'),
  };
}

/** What trees are of is looked for when the segments are known. */
const ANYTHING: StoredColumns = {
  dimensions: { listed: [], discover: 'strings', excluded: new Set() },
  metrics: [],
  granularity: { queryGranularity: parseGranularity('hour', '') },
};

type TaskFields = z.output<typeof Task>;

const isAbsent = (json: unknown): boolean => json === undefined || json === null;

/** Of a value that has been checked. */
const objectOrNull = (json: unknown): JsonObject | null =>
  isAbsent(json) ? null : (json as JsonObject);

function readIo(task: TaskFields, field: string): Pick<CompactSpec, 'input' | 'dropExisting'> {
  if (isAbsent(task.ioConfig) && !isAbsent(task.interval)) {
    return { input: readIntervalInput({ interval: task.interval }, 'task'), dropExisting: false };
  }
  const { inputSpec, dropExisting } = readFields(IoConfig, task.ioConfig, field);
  const path = `${field}.inputSpec`;
  const object = readObject(inputSpec, path);
  const read = readerOfType('inputSpec', object, path, INPUTS, new Set());
  return { input: read(object, path), dropExisting };
}

function readIntervalInput(json: unknown, field: string): CompactInput {
  const { interval, sha256OfSortedSegmentIds } = readFields(IntervalInput, json, field);
  return {
    type: 'interval',
    interval: parseInterval(interval, `${field}.interval`),
    sha256OfSortedSegmentIds,
  };
}

function readSegmentsInput(json: unknown, field: string): CompactInput {
  return { type: 'segments', segments: readFields(SegmentsInput, json, field).segments };
}

/** Only what is given counts; the defaults of `index_parallel` do not hold here. */
function readGranularities(
  task: TaskFields,
  field: string,
): Pick<CompactSpec, 'segmentGranularity' | 'queryGranularity' | 'rollup'> {
  const { segmentGranularity = null } = task;
  const given = readObject(task.granularitySpec ?? {}, field);
  const spec = { ...given, segmentGranularity: given.segmentGranularity ?? segmentGranularity };
  const read = readGranularity(spec, field);
  const query = given.queryGranularity;
  return {
    segmentGranularity: isAbsent(spec.segmentGranularity) ? null : read.segmentGranularity,
    queryGranularity: isAbsent(query) ? null : parseGranularity(query, `${field}.queryGranularity`),
    rollup: isAbsent(given.rollup) ? null : read.rollup,
  };
}

/** The columns are read again once the segments are known; what is wrong now is said now. */
function checkSchema(task: TaskFields, problems: Problems): void {
  const metrics =
    problems.collect('metricsSpec', () => readMetrics(task.metricsSpec, 'metricsSpec', problems)) ??
    [];
  const dimensions = problems.collect('dimensionsSpec', () =>
    readDimensions(task.dimensionsSpec ?? {}, 'dimensionsSpec', '__time', metrics, problems),
  );
  checkFieldNames(dimensions?.listed ?? [], metrics, 'task', problems);
  const changes = problems.collect('transformSpec', () =>
    readTransforms(task.transformSpec ?? {}, 'transformSpec', problems),
  );
  problems.collect('starTrees', () =>
    readStarTrees(task.starTrees, 'starTrees', ANYTHING, problems),
  );
  if ((changes?.transforms ?? []).length > 0) {
    problems.add(
      'transformSpec.transforms',
      `compaction takes a filter only; leave the transforms out; got ${shown(task.transformSpec)}`,
    );
  }
}
