import { isJsonObject, type JsonObject } from '../../core/index.js';

/** As many rows go into a segment when nothing else is said. */
const DEFAULT_PARTITIONS = { type: 'dynamic', maxRowsPerSegment: 5_000_000 };

/**
 * What an `index_parallel` task writes segments by, as Druid remembers it with them
 * (`lastCompactionState`): automatic compaction looks there for what remains to be done. `spec` has
 * been checked.
 */
export function compactionState(spec: JsonObject): JsonObject {
  const { dimensionsSpec, metricsSpec, transformSpec, granularitySpec, starTrees } = objectOf(
    spec.dataSchema,
  );
  // Segments say their interval themselves: without it, those of one configuration have one state.
  const { intervals: _, ...granularities } = objectOf(granularitySpec);
  const tuning = objectOf(spec.tuningConfig);
  return {
    partitionsSpec: partitionsOf(tuning),
    dimensionsSpec: dimensionsSpec ?? null,
    metricsSpec: metricsSpec ?? null,
    transformSpec: transformSpec ?? null,
    indexSpec: tuning.indexSpec ?? null,
    granularitySpec: granularities,
    // Druid knows no such member.
    ...(starTrees === undefined || starTrees === null ? {} : { starTrees }),
  };
}

/** The partitioning that a `tuningConfig` asks for, as far as it says; old spellings included. */
export function partitionsOf(tuning: JsonObject): JsonObject {
  const { partitionsSpec, maxRowsPerSegment, numShards, forceGuaranteedRollup } = tuning;
  if (isJsonObject(partitionsSpec)) return partitionsSpec;
  if (forceGuaranteedRollup === true) return { type: 'hashed', numShards: numShards ?? null };
  return typeof maxRowsPerSegment === 'number' && maxRowsPerSegment > 0
    ? { ...DEFAULT_PARTITIONS, maxRowsPerSegment }
    : DEFAULT_PARTITIONS;
}

/** Whether a task is told to remember. */
export const storesCompactionState = (task: JsonObject): boolean =>
  objectOf(task.context).storeCompactionState === true;

const objectOf = (json: unknown): JsonObject => (isJsonObject(json) ? json : {});
