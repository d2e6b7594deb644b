import type { Aggregator, State, Value } from '../../model/index.js';
import type { GroupPartial, KeyColumn } from './group-partial.js';
import type { GroupIds, GroupStates, MergedTable } from './groups.js';
import { mergesLate } from './merged-states.js';
import { stateReader } from './state-column.js';

type ValueKey = Extract<KeyColumn, { readonly kind: 'values' }>;

/** The groups of a partial that is the only one of its query, as they are: they are not looked up, and no state is merged. */
export class PartialGroups implements MergedTable {
  readonly groupCount: number;
  readonly #buckets: ArrayLike<number> | number;
  readonly #keys: readonly ValueKey[];
  readonly #states: readonly ((group: number) => State)[];

  /** Null where keys are codes or words, several of which may show one value, or states are sketches, of which a table makes more, or pieces of some. */
  static of(partial: GroupPartial, aggregations: readonly Aggregator[]): PartialGroups | null {
    if (partial.compiled) return null;
    const keys = partial.keys.filter((key) => key.kind === 'values');
    const areWhole = partial.states.every((column) => !('groups' in column));
    if (keys.length < partial.keys.length || !areWhole || aggregations.some(mergesLate))
      return null;
    return new PartialGroups(partial, keys, aggregations);
  }

  private constructor(
    { groupCount, buckets, states }: GroupPartial,
    keys: readonly ValueKey[],
    private readonly aggregations: readonly Aggregator[],
  ) {
    this.groupCount = groupCount;
    this.#buckets = buckets;
    this.#keys = keys;
    this.#states = aggregations.map((aggregator, i) => decoded(aggregator, states[i]!));
  }

  get onlyBucket(): number | null {
    const [first, isOnly] = [this.bucket(0), (bucket: number) => bucket === first];
    return typeof this.#buckets === 'number' || Array.prototype.every.call(this.#buckets, isOnly)
      ? first
      : null;
  }

  bucket(group: number): number {
    return typeof this.#buckets === 'number' ? this.#buckets : this.#buckets[group]!;
  }

  value(dimension: number, group: number): Value {
    const { values, ordinals } = this.#keys[dimension]!;
    return values[ordinals[group]!]!;
  }

  state(aggregator: number, group: number): State {
    return this.#states[aggregator]!(group);
  }

  finalised(aggregator: number, group: number): Value {
    return this.aggregations[aggregator]!.finalise(this.state(aggregator, group));
  }

  statesOf(group: number): GroupStates {
    return new StatesOfGroup(this, group);
  }

  order(): null {
    return null;
  }

  ids(dimension: number): GroupIds {
    const { values, ordinals } = this.#keys[dimension]!;
    return { size: values.length, id: (group) => ordinals[group]!, value: (id) => values[id]! };
  }

  columns(): null {
    return null;
  }
}

class StatesOfGroup implements GroupStates {
  constructor(
    private readonly groups: PartialGroups,
    private readonly group: number,
  ) {}

  state(aggregator: number): State {
    return this.groups.state(aggregator, this.group);
  }

  finalised(aggregator: number): Value {
    return this.groups.finalised(aggregator, this.group);
  }
}

/** Each state is decoded once, and only where somebody asks for it. */
function decoded(
  aggregator: Aggregator,
  column: GroupPartial['states'][number],
): (group: number) => State {
  const { form } = aggregator;
  const wire = stateReader(column);
  // Numbers stand for themselves.
  if (form?.kind === 'sum' || form?.kind === 'min' || form?.kind === 'max')
    return wire as (group: number) => State;
  const known: State[] = [];
  return (group) => {
    known[group] ??= aggregator.decode(wire(group));
    return known[group]!;
  };
}
