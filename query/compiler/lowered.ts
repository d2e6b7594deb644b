import { type Aggregator, type Dimension, isArrayType, type Value } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import { rulesOf } from '../filter/filter-rules.js';
import { filterChoice } from '../filter/known-choice.js';
import { lowerChoice } from '../filter/lower-choice.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { OpenScan } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { type Aggregate, lowerAggregator } from './aggregates.js';
import { Columns } from './columns.js';
import { withGathers } from './gathered.js';
import { distinctKey, type KeyPart, lowerDimension, mayGiveLists } from './keys.js';
import { isConditional } from './layout.js';
import type { PlannedRows } from './planned-rows.js';
import { shareSums } from './share-sums.js';
import type { Test } from './tests.js';
import { type Grains, grainsOf, readsTimeAlone } from './time-pieces.js';

/** Flags of a group have a bit for each conditional aggregate, beside the one that says it is there. */
const MAX_FLAGS = 31;

/** A plan over one segment, taken apart; it serves any number of jobs. */
export interface Lowered {
  readonly columns: Columns;
  readonly filter: Test;
  readonly rows: PlannedRows;
  /** No more rows pass the filter. */
  readonly mostRows: number;
  /** By dimension. */
  readonly keys: readonly KeyPart[];
  readonly aggregators: readonly Aggregator[];
  /** Of the aggregators, and behind them those that some of these are derived from. */
  readonly aggregates: readonly Aggregate[];
  /** Where runs of rows end. */
  readonly grains: Grains;
}

/** Null when some part has to be interpreted. Throws what is wrong with the plan for some value of a dictionary. */
export function lowerPlan(scan: OpenScan, query: BaseQuery, plan: GroupPlan): Lowered | null {
  const { segment, scratchSlot } = scan.target;
  const columns = new Columns(segment, query.virtualColumns, scratchSlot, rulesOf(query.context));
  const choice = filterChoice(scan.target, query);
  const filter = lowerChoice(columns, choice);
  if (filter === null) return null;
  const own = plan.aggregations.map((each) => lowerAggregator(columns, each));
  if (own.some((each) => each === null)) return null;
  const aggregates = withGathers(shareSums(own as Aggregate[]));
  if (aggregates.filter(isConditional).length > MAX_FLAGS) return null;
  const grains: Grains[number][] = plan.granularity.kind === 'all' ? [] : [plan.granularity];
  const isOrdered = aggregates.some((each) => each.isOrdered);
  // The number of a row tells what is first where rows are sorted by time.
  if (isOrdered && !segment.sortedByTime) return null;
  // Runs that the filter or an expression makes mix up the rows of a group.
  const areMixed = !segment.sortedByTime && columns.runs.grains.length > 0;
  const needsOrder = aggregates.some(({ gather }) => gather?.isOrderFree === false);
  if (areMixed && needsOrder) return null;
  // Groups of codes that mean the same are merged at the end, in another order than that of their rows.
  const areOfValues = isOrdered || needsOrder;
  const keyOf = (key: KeyPart | null) => (key === null || !areOfValues ? key : distinctKey(key));
  const keys: KeyPart[] = [];
  let callParts = 0;
  for (const dimension of plan.dimensions) {
    const pieces = timePieces(columns, dimension);
    const key: KeyPart | null =
      pieces === null
        ? keyOf(lowerDimension(columns, dimension, plan))
        : { kind: 'call', part: callParts++ };
    if (key === null) return null;
    keys.push(key);
    grains.push(...(pieces ?? []));
  }
  return {
    columns,
    filter: filter.test,
    rows: { masks: columns.masks, only: filter.only },
    mostRows: choice.kind === 'bitmap' ? choice.rowCount : segment.rowCount,
    keys,
    aggregators: plan.aggregations,
    aggregates,
    grains: [...grains, ...columns.runs.grains],
  };
}

/** The state of a row is made of the snapshot that the plan was taken apart for. */
export const planHolds = ({ columns, aggregates }: Lowered, segment: Segment): boolean =>
  columns.holdsFor(segment) &&
  !aggregates.some(({ isOrdered, gather }) => isOrdered || gather?.readsRows);

function timePieces(columns: Columns, dimension: Dimension): Grains | null {
  const { inputs, outputType } = dimension;
  if (isArrayType(outputType) || mayGiveLists(dimension)) return null;
  const stored = columns.storedBehind(inputs);
  return readsTimeAlone(stored) ? grainsOf(columns, inputs) : null;
}

/** Readers of the dimensions that depend on time alone, at the row that the scan stands on. */
export const timeValues = (scan: OpenScan, lowered: Lowered, plan: GroupPlan): (() => Value)[] =>
  plan.dimensions.flatMap((dimension, i) => {
    if (lowered.keys[i]!.kind !== 'call') return [];
    const reader = dimension.reader(scan.source);
    return [() => reader.get()];
  });
