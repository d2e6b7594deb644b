import type { Aggregator, PlainInput, WireState } from '../../model/index.js';
import { bucketFinder } from '../interpreter/buckets.js';
import { type GroupPartial, noGroups } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { noVisibleTimes, type VisibleTimes, widen } from '../interpreter/visible-times.js';
import type { SegmentFacts } from './engine.js';

/** The groups of a segment that follow from what is known of it; null when its rows must be read. */
export function knownGroups(plan: GroupPlan, facts: SegmentFacts): GroupPartial | null {
  const { dimensions, aggregations } = plan;
  return excludedGroups(facts, dimensions.length, aggregations.length) ?? onlyGroup(plan, facts);
}

/**
 * The partial of a segment none of whose rows can match: its visible times still decide which
 * buckets are filled, so they must be known exactly.
 */
export function excludedGroups(
  facts: SegmentFacts,
  dimensionCount: number,
  aggregatorCount: number,
): GroupPartial | null {
  if (!facts.excluded || facts.interval < 0) return null;
  return noGroups(dimensionCount, aggregatorCount, visibleTimes(facts));
}

/** All rows in one group, of which nothing is asked but how many they are, when they begin and end, and how many distinct values an indexed column has. */
function onlyGroup(plan: GroupPlan, facts: SegmentFacts): GroupPartial | null {
  if (!facts.unfiltered || facts.interval < 0 || plan.dimensions.length > 0) return null;
  const bucketOf = bucketFinder(plan.granularity);
  const bucketMs = bucketOf(facts.minMs);
  if (bucketOf(facts.maxMs) !== bucketMs) return null;
  const states = plan.aggregations.map((each) => knownState(each, facts));
  if (states.includes(undefined)) return null;
  return {
    kind: 'groups',
    groupCount: 1,
    buckets: bucketMs,
    keys: [],
    states: states.map((state) => [state as WireState]),
    visible: visibleTimes(facts),
    rowsScanned: 0,
    compiled: null,
  };
}

/** What the aggregator makes of all rows, encoded; undefined where the facts do not say. */
function knownState(aggregator: Aggregator, facts: SegmentFacts): WireState | undefined {
  const { form } = aggregator;
  if (form?.kind === 'sketch') return knownSketch(aggregator, form.plain, facts);
  if (form?.kind === 'count') return aggregator.encode(facts.rowCount);
  if (form?.kind !== 'min' && form?.kind !== 'max') return undefined;
  const { type, input } = form;
  const isTime = input.expression === null && input.inputs[0] === '__time';
  if (!isTime || type !== 'LONG') return undefined;
  return aggregator.encode(form.kind === 'min' ? facts.minMs : facts.maxMs);
}

function knownSketch(
  aggregator: Aggregator,
  plain: PlainInput | null,
  facts: SegmentFacts,
): WireState | undefined {
  const sketch = plain === null ? null : (facts.distinct?.(plain) ?? null);
  return sketch === null ? undefined : aggregator.encode(sketch);
}

function visibleTimes({ interval, intervalCount, minMs, maxMs }: SegmentFacts): VisibleTimes {
  const visible = noVisibleTimes(intervalCount);
  widen(visible, interval, minMs, maxMs);
  return visible;
}
