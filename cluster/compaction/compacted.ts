import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../core/index.js';
import { type Interval, parseGranularity } from '../../model/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { CompactionConfig } from './compaction-config.js';

/**
 * Whether segments were written by a compaction as the configuration wants it now. What the
 * configuration does not say may be as it likes.
 */
export function compactedTest(
  config: CompactionConfig,
): (segment: Pick<StoredSegment, 'id' | 'compactionState'>) => boolean {
  const { segmentGranularity } = config;
  /** Of states that were looked at: segments share them. */
  const known = new Map<string, boolean>();
  const isAsWanted = (state: string): boolean => {
    const found = known.get(state) ?? isWritten(objectOf(parseJson(state)), config);
    known.set(state, found);
    return found;
  };
  const isAligned = ({ startMs, endMs }: Interval): boolean =>
    segmentGranularity === null ||
    (segmentGranularity.bucketStart(startMs) === startMs &&
      segmentGranularity.nextBucket(startMs) === endMs);
  return ({ id, compactionState: state }) =>
    state !== null && isAligned(id.interval) && isAsWanted(state);
}

/** Whether what was written by this state needs nothing but perhaps other chunks. */
function isWritten(state: JsonObject, { task }: CompactionConfig): boolean {
  const tuning = objectOf(task.tuningConfig);
  const given = objectOf(task.granularitySpec);
  const written = objectOf(state.granularitySpec);
  return (
    isSame(state.partitionsSpec, tuning.partitionsSpec) &&
    isSame(state.indexSpec, tuning.indexSpec) &&
    (isAbsent(given.queryGranularity) ||
      isSame(granularity(written.queryGranularity), granularity(given.queryGranularity))) &&
    (isAbsent(given.rollup) || isSame(written.rollup, given.rollup)) &&
    ['dimensionsSpec', 'metricsSpec', 'transformSpec', 'starTrees'].every(
      (part) => isAbsent(task[part]) || isSame(state[part], task[part]),
    )
  );
}

const isAbsent = (json: unknown): boolean => json === undefined || json === null;

const objectOf = (json: unknown): JsonObject => (isJsonObject(json) ? json : {});

/** Names are told apart by what they mean, not by how they are written. */
const granularity = (json: unknown): unknown =>
  isAbsent(json) ? null : parseGranularity(json, 'queryGranularity').spec;

const isSame = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** One text for all ways to write the same JSON: keys in order, nulls left out. */
const canonical = (json: unknown): string => stringifyJson(sorted(json) ?? null);

function sorted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sorted);
  if (!isJsonObject(json)) return json;
  const members = Object.entries(json)
    .filter(([, value]) => !isAbsent(value))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, sorted(value)] as const);
  return Object.fromEntries(members);
}
