import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { countField, flagField, jsonField, readFields, readObject } from './fields.js';
import { DEFAULT_ROWS_PER_SEGMENT, readPartitions } from './partitions-spec.js';
import type { Tuning } from './task-spec.js';

const MAX_COUNT = 2_147_483_647;

const TuningConfig = z.object({
  // Memory is bounded by itself: more pieces than it asks for are only work.
  maxRowsInMemory: countField(DEFAULT_ROWS_PER_SEGMENT, 1),
  maxRowsPerSegment: countField(null, -1),
  maxParseExceptions: countField(MAX_COUNT, -1),
  maxSavedParseExceptions: countField(0, 0),
  reportParseExceptions: flagField(false),
  forceGuaranteedRollup: flagField(false),
  partitionsSpec: jsonField,
});

/** Reads a `tuningConfig`. Every chunk is merged as a whole whatever the partitioning, so rollup is always perfect. */
export function readTuning(json: unknown, field: string, isAppend: boolean): Tuning {
  const spec = readFields(TuningConfig, json, field);
  const { forceGuaranteedRollup } = spec;
  const tuning = { ...readObject(json, field), forceGuaranteedRollup };
  // An append that asks for perfect rollup is told so, not that it is partitioned.
  const around = isAppend ? { ...tuning, forceGuaranteedRollup: false } : tuning;
  const path = `${field}.partitionsSpec`;
  const partitions = readPartitions(spec.partitionsSpec, around, path, isAppend);
  if (isAppend && forceGuaranteedRollup) {
    throw new UserError(
      `${field}.forceGuaranteedRollup: true cannot go with appendToExisting; set one of them to false`,
      'spec',
      `${field}.forceGuaranteedRollup`,
    );
  }
  return {
    ...partitions,
    maxRowsInMemory: spec.maxRowsInMemory,
    maxParseExceptions: spec.reportParseExceptions ? 0 : withoutLimit(spec.maxParseExceptions),
    maxSavedParseExceptions: Math.max(
      spec.maxSavedParseExceptions,
      spec.reportParseExceptions ? 1 : 0,
    ),
  };
}

/** Druid writes -1 for "no limit". */
const withoutLimit = (count: number): number => (count < 0 ? MAX_COUNT : count);
