import { z } from 'zod';
import { type Long, toLong } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import { nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import type { Aggregator } from './aggregator.js';

const Schema = z.object({
  name: nameSpec,
  groupings: z
    .array(textSpec, { error: 'want a list of dimension names' })
    .min(1, 'want at least one dimension')
    .max(63, 'want at most 63 dimensions'),
});

/**
 * Says which of some dimensions a row of a groupBy with subtotals is grouped by. It reads no rows:
 * its state is always null, which finalises to 0 (all of them); a groupBy with subtotals overwrites
 * that with `groupingId` of the dimensions each subtotal keeps.
 */
export interface GroupingAggregator extends Aggregator {
  readonly groupings: readonly string[];
}

export const isGrouping = (aggregator: Aggregator): aggregator is GroupingAggregator =>
  'groupings' in aggregator;

/** One bit per dimension of `groupings`, the first the highest: 0 where it is among `kept`, else 1. */
export function groupingId({ groupings }: GroupingAggregator, kept: ReadonlySet<string>): Long {
  return toLong(groupings.reduce((bits, name) => bits * 2n + (kept.has(name) ? 0n : 1n), 0n));
}

export const readGrouping: SpecReader<Aggregator> = (json, field) => {
  const { name, groupings } = readSpec(Schema, json, field);
  return grouping(name, json, groupings);
};

function grouping(
  name: string,
  spec: Aggregator['spec'],
  groupings: readonly string[],
): GroupingAggregator {
  return {
    name,
    spec,
    groupings,
    inputs: [],
    queryOnly: true,
    storedType: 'LONG',
    resultType: 'LONG',
    accumulator: () => ({ fold: (state) => state }),
    initial: () => null,
    combine: (a, b) => a ?? b,
    finalise: (state) => state ?? 0,
    combining: () => grouping(name, spec, groupings),
    encode: (state) => state,
    decode: (wire) => wire,
    compare: compareValues('LONG'),
  };
}
