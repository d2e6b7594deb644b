import type { Aggregator, WireState } from '../../model/index.js';
import { bucketFinder } from '../interpreter/buckets.js';
import { type GroupPartial, noGroups } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { noVisibleTimes, type VisibleTimes, widen } from '../interpreter/visible-times.js';
import type { BaseQuery } from '../native/query.js';
import type { SegmentFacts } from './engine.js';

/** The groups of a segment that follow from what is known of it; null when its rows must be read. */
export function knownGroups(
  query: BaseQuery,
  plan: GroupPlan,
  facts: SegmentFacts,
): GroupPartial | null {
  const { dimensions, aggregations } = plan;
  return (
    excludedGroups(facts, dimensions.length, aggregations.length) ?? onlyGroup(query, plan, facts)
  );
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

/** All rows in one group, of which nothing is asked but how many they are and when they begin and end. */
function onlyGroup(query: BaseQuery, plan: GroupPlan, facts: SegmentFacts): GroupPartial | null {
  if (query.filter !== null || facts.interval < 0 || plan.dimensions.length > 0) return null;
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
  if (form?.kind === 'count') return aggregator.encode(facts.rowCount);
  if (form?.kind !== 'min' && form?.kind !== 'max') return undefined;
  const { type, input } = form;
  const isTime = input.expression === null && input.inputs[0] === '__time';
  if (!isTime || type !== 'LONG') return undefined;
  return aggregator.encode(form.kind === 'min' ? facts.minMs : facts.maxMs);
}

function visibleTimes({ interval, intervalCount, minMs, maxMs }: SegmentFacts): VisibleTimes {
  const visible = noVisibleTimes(intervalCount);
  widen(visible, interval, minMs, maxMs);
  return visible;
}
