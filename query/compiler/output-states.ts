import type { Long } from '../../core/index.js';
import type { Aggregator, State, WireState } from '../../model/index.js';
import type { StateColumn } from '../interpreter/group-partial.js';
import { type Aggregate, stateOfSet } from './aggregates.js';
import type { Layout } from './layout.js';
import { longAt } from './long-at.js';
import type { Lowered } from './lowered.js';
import { NumberList } from './number-list.js';
import type { OutputOptions } from './output.js';
import type { PairTable } from './pairs.js';
import { type Derived, derivedSum } from './share-sums.js';

/** What of a group does not lie in its entry. */
export interface FoundGroup {
  /** Where its sets begin. */
  readonly sets: number;
  /** Its number, where groups are numbered. */
  readonly group: number;
  readonly pairs: PairTable | null;
}

/** Collects the states of one aggregator. */
export interface StateOutput {
  add(view: DataView, at: number, found: FoundGroup): void;
  column(): StateColumn;
}

export function stateOutput(
  { lowered, layout }: Pick<OutputOptions, 'lowered' | 'layout'>,
  aggregate: Aggregate,
  aggregator: Aggregator,
  i: number,
): StateOutput {
  const { set } = aggregate;
  if (set !== null) {
    const toState = stateOfSet(lowered.columns, innermost(aggregator), set);
    return new SetOutput(aggregator, toState, layout.setOffsets[i]!, set.size);
  }
  const pair = layout.pairAggregates.indexOf(i);
  if (pair >= 0) return new PairOutput(aggregator, pair);
  const read =
    aggregate.derived === null
      ? ownState(aggregate, layout, i)
      : derivedState(aggregate.derived, lowered, layout);
  return new FieldOutput(aggregator, read);
}

/** The aggregator behind its filters. */
export const innermost = (aggregator: Aggregator): Aggregator =>
  aggregator.form?.kind === 'filtered' ? innermost(aggregator.form.aggregator) : aggregator;

class PairOutput implements StateOutput {
  readonly #states: WireState[] = [];

  constructor(
    private readonly aggregator: Aggregator,
    private readonly pair: number,
  ) {}

  add(_view: DataView, _at: number, { group, pairs }: FoundGroup): void {
    this.#states.push(this.aggregator.encode(pairs!.state(this.pair, group)));
  }

  column(): StateColumn {
    return this.#states;
  }
}

class SetOutput implements StateOutput {
  readonly #states: WireState[] = [];

  constructor(
    private readonly aggregator: Aggregator,
    private readonly toState: (marks: Uint8Array) => State,
    private readonly offset: number,
    private readonly size: number,
  ) {}

  add(view: DataView, _at: number, { sets }: FoundGroup): void {
    const marks = new Uint8Array(view.buffer, sets + this.offset, this.size);
    this.#states.push(this.aggregator.encode(this.toState(marks)));
  }

  column(): StateColumn {
    return this.#states;
  }
}

/** Reads a state out of the group at an address. */
type StateReader = (view: DataView, at: number) => State;

function ownState(aggregate: Aggregate, { fieldOffsets, flags }: Layout, i: number): StateReader {
  const [offset, flag] = [fieldOffsets[i]!, flags[i]!];
  return (view, at) => {
    const seen = flag === 0 || (view.getUint32(at, true) & flag) !== 0;
    return aggregate.state(view, at + offset, seen);
  };
}

function derivedState(derived: Derived, { aggregates }: Lowered, layout: Layout): StateReader {
  const sum = ownState(aggregates[derived.sum]!, layout, derived.sum);
  const countOffset = layout.fieldOffsets[derived.count]!;
  return (view, at) => {
    const state = sum(view, at);
    return state === null
      ? null
      : derivedSum(derived, state as Long, longAt(view, at + countOffset));
  };
}

class FieldOutput implements StateOutput {
  readonly #numbers = new NumberList();
  #states: WireState[] | null = null;

  constructor(
    private readonly aggregator: Aggregator,
    private readonly read: StateReader,
  ) {}

  add(view: DataView, at: number): void {
    const state = this.read(view, at);
    if (this.#states === null && typeof state === 'number') this.#numbers.push(state);
    else this.#asStates().push(this.aggregator.encode(state));
  }

  column(): StateColumn {
    return this.#states ?? this.#numbers.values.slice();
  }

  #asStates(): WireState[] {
    this.#states ??= Array.from(this.#numbers.values);
    return this.#states;
  }
}
