import type { Long } from '../../core/index.js';
import type { Aggregator, State, WireState } from '../../model/index.js';
import { type StateColumn, stateColumn } from '../interpreter/state-column.js';
import type { Aggregate } from './aggregates.js';
import type { Layout } from './layout.js';
import { longAt } from './long-at.js';
import type { Lowered } from './lowered.js';
import { NumberList } from './number-list.js';
import type { OutputOptions } from './output.js';
import type { PairRoom } from './pair-room.js';
import { type Derived, derivedSum } from './share-sums.js';
import type { SketchKind, SketchStates } from './sketch-kinds.js';
import type { SketchRoom } from './sketch-room.js';

/** Collects the states of one aggregator. */
export interface StateOutput {
  add(view: DataView, at: number): void;
  column(): StateColumn;
}

export const stateOutput = (
  options: StateOptions,
  aggregator: Aggregator,
  i: number,
): StateOutput => {
  const { sketch, gather } = options.lowered.aggregates[i]!;
  if (gather !== null) return new FieldOutput(aggregator, gatheredState(options, aggregator, i));
  return sketch === null
    ? new FieldOutput(aggregator, stateReader(options, i))
    : new SketchOutput(sketch, options.sketches!, options.layout.fieldOffsets[i]!);
};

type StateOptions = Pick<OutputOptions, 'lowered' | 'layout' | 'sketches' | 'gathered'>;

/** Reads a state out of the group at an address. */
export type StateReader = (view: DataView, at: number) => State;

export function stateReader(
  { lowered, layout }: Pick<StateOptions, 'lowered' | 'layout'>,
  i: number,
): StateReader {
  const aggregate = lowered.aggregates[i]!;
  return aggregate.derived === null
    ? ownState(aggregate, layout, i)
    : derivedState(aggregate.derived, lowered, layout);
}

function ownState(aggregate: Aggregate, { fieldOffsets, flags }: Layout, i: number): StateReader {
  const [offset, flag] = [fieldOffsets[i]!, flags[i]!];
  return (view, at) => {
    const seen = flag === 0 || (view.getUint32(at, true) & flag) !== 0;
    return aggregate.state(view, at + offset, seen);
  };
}

function gatheredState(
  { layout, gathered }: StateOptions,
  aggregator: Aggregator,
  i: number,
): StateReader {
  const offset = layout.fieldOffsets[i]!;
  return (view, at) => {
    const number = view.getUint32(at + offset, true);
    return number === 0 ? aggregator.initial() : gathered!.state(number);
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
    return this.#states === null ? this.#numbers.values.slice() : stateColumn(this.#states);
  }

  #asStates(): WireState[] {
    this.#states ??= Array.from(this.#numbers.values);
    return this.#states;
  }
}

class SketchOutput implements StateOutput {
  readonly #states: SketchStates;

  constructor(
    private readonly kind: SketchKind,
    private readonly room: SketchRoom | PairRoom,
    private readonly offset: number,
  ) {
    this.#states = kind.states();
  }

  add(view: DataView, at: number): void {
    this.room.append(view, at + this.offset, this.kind, this.#states);
  }

  column(): StateColumn {
    return this.#states.column();
  }
}
