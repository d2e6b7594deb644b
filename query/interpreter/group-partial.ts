import { inPieces, mapInPieces, type Turns } from '../../core/index.js';
import type { Aggregator, State, Value } from '../../model/index.js';
import { GroupTable, withRoom } from './group-table.js';
import type { MergedTable } from './groups.js';
import { MergedStates, mergesLate } from './merged-states.js';
import { PartialGroups } from './partial-groups.js';
import { type StateColumn, stateColumn, stateReader } from './state-column.js';
import { mergeVisibleTimes, noVisibleTimes, type VisibleTimes } from './visible-times.js';
import type { WordForm } from './word-ordinals.js';

/**
 * One dimension of the groups of a partial.
 *
 *     values   per group: where in `values` its value is; of a dimension's values each is there once
 *     codes    per group: the code of its value, which the segment's dictionary tells
 *     words    per group: the 64 bits of its value, or of the number whose text it is; 0 and null have one pattern each
 */
export type KeyColumn =
  | {
      readonly kind: 'values';
      readonly ordinals: ArrayLike<number>;
      readonly values: readonly Value[];
    }
  | { readonly kind: 'codes'; readonly codes: Uint32Array }
  | {
      readonly kind: 'words';
      readonly form: WordForm;
      /** Two words a group, low word first. */
      readonly words: Uint32Array;
      /** 1 where it is null; null where none is. */
      readonly nulls: Uint8Array | null;
    };

/** The groups that one job found, by column: it can cross a thread or a network. */
export interface GroupPartial {
  readonly kind: 'groups';
  readonly groupCount: number;
  /** Per group: the start of its bucket; one number where all groups are of one bucket. */
  readonly buckets: ArrayLike<number> | number;
  /** Per dimension. */
  readonly keys: readonly KeyColumn[];
  /** Per aggregator. */
  readonly states: readonly StateColumn[];
  readonly visible: VisibleTimes;
  readonly rowsScanned: number;
  /** Whether a compiled kernel scanned the rows; null when none were. */
  readonly compiled: boolean | null;
}

/** Tells the values that codes stand for, of one segment. */
export interface GroupDecoder {
  value(dimension: number, code: number): Value;
}

/** A partial and who knows its codes; null when it has none. */
export interface DecodedPartial {
  readonly partial: GroupPartial;
  readonly decoder: GroupDecoder | null;
}

export function encodeGroups(
  table: GroupTable,
  aggregations: readonly Aggregator[],
  visible: VisibleTimes,
  rowsScanned: number,
): GroupPartial {
  return {
    kind: 'groups',
    groupCount: table.groupCount,
    buckets: table.buckets,
    keys: table.dimensions.map(({ all }, i) => ({
      kind: 'values',
      ordinals: table.ordinals[i]!,
      values: all,
    })),
    states: aggregations.map((aggregator, i) =>
      stateColumn(table.states[i]!.map((_, group) => aggregator.encode(table.state(i, group)))),
    ),
    visible,
    rowsScanned,
    compiled: false,
  };
}

/** A job's answer when it is known that no row passes the filter. */
export function noGroups(
  dimensionCount: number,
  aggregatorCount: number,
  visible: VisibleTimes,
): GroupPartial {
  return {
    kind: 'groups',
    groupCount: 0,
    buckets: [],
    keys: Array.from({ length: dimensionCount }, () => NO_KEYS),
    states: Array.from({ length: aggregatorCount }, () => []),
    visible,
    rowsScanned: 0,
    compiled: null,
  };
}

const NO_KEYS: KeyColumn = { kind: 'values', ordinals: [], values: [] };

/** The partials of a query in one table. */
export interface MergedGroups {
  readonly table: MergedTable;
  readonly visible: VisibleTimes;
}

/**
 * Merges partials in the given order. Sums of doubles depend on the order, so the caller gives
 * partials by (segment, row range), never by time of arrival.
 */
export function* mergeGroups(
  partials: readonly DecodedPartial[],
  dimensionCount: number,
  aggregations: readonly Aggregator[],
  intervalCount: number,
  maxGroups: number,
): Turns<MergedGroups> {
  const visible = noVisibleTimes(intervalCount);
  for (const { partial } of partials) mergeVisibleTimes(visible, partial.visible);
  const filled = partials.filter(({ partial }) => partial.groupCount > 0);
  const [first, ...others] = filled;
  const only =
    first === undefined || others.length > 0 || first.partial.groupCount > maxGroups
      ? null
      : PartialGroups.of(first.partial, aggregations);
  return {
    table: only ?? (yield* mergedTable(filled, dimensionCount, aggregations, maxGroups)),
    visible,
  };
}

function* mergedTable(
  filled: readonly DecodedPartial[],
  dimensionCount: number,
  aggregations: readonly Aggregator[],
  maxGroups: number,
): Turns<GroupTable> {
  const table = new GroupTable(dimensionCount, aggregations, maxGroups, true);
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const values = table.dimensions[dimension]!;
    const decoder = onlyDecoder(filled, dimension);
    if (decoder !== null) values.useCodes((code) => decoder.value(dimension, code));
    const form = onlyWords(filled, dimension);
    if (form !== null) values.useWords(form);
  }
  const merged = aggregations.map((aggregator, i) => {
    const pieces = filled.reduce((sum, { partial }) => sum + pieceCount(partial, i), 0);
    const isLate = mergesLate(aggregator) || filled.some(({ partial }) => hasPieces(partial, i));
    const late = isLate ? new MergedStates(aggregator, pieces) : null;
    if (late !== null) table.useStates(i, late);
    return late;
  });
  const ordinals = new OrdinalMaps(table);
  const isSimple =
    dimensionCount === 1 && filled.every(({ partial }) => typeof partial.buckets === 'number');
  for (const each of filled) {
    yield* addPartial(table, each, ordinals, aggregations, isSimple, merged);
  }
  return table;
}

const hasPieces = ({ states }: GroupPartial, aggregator: number): boolean =>
  'groups' in states[aggregator]!;

function pieceCount({ states, groupCount }: GroupPartial, aggregator: number): number {
  const column = states[aggregator]!;
  return 'groups' in column ? column.groups.length : groupCount;
}

/** The decoder of all partials where a dimension is codes of a single segment in all of them. */
function onlyDecoder(partials: readonly DecodedPartial[], dimension: number): GroupDecoder | null {
  const decoder = partials[0]?.decoder ?? null;
  const areCodes = partials.every(
    (each) => each.decoder === decoder && each.partial.keys[dimension]!.kind === 'codes',
  );
  return areCodes ? decoder : null;
}

/** What a dimension's words stand for, where it is words of one form in all partials. */
function onlyWords(partials: readonly DecodedPartial[], dimension: number): WordForm | null {
  const first = partials[0]?.partial.keys[dimension];
  if (first?.kind !== 'words') return null;
  const { type, asText } = first.form;
  const areAlike = partials.every(({ partial }) => {
    const key = partial.keys[dimension]!;
    return key.kind === 'words' && key.form.type === type && key.form.asText === asText;
  });
  return areAlike ? first.form : null;
}

/** Ordinals by code, of each segment, as far as codes have come up. */
class OrdinalMaps {
  /** By decoder and dimension: ordinal + 1 by code. */
  readonly #maps = new Map<GroupDecoder, Int32Array[]>();

  constructor(private readonly table: GroupTable) {}

  of(decoder: GroupDecoder, dimension: number): (code: number) => number {
    const values = this.table.dimensions[dimension]!;
    if (values.isCodes) return (code) => code;
    const maps = this.#maps.get(decoder) ?? [];
    this.#maps.set(decoder, maps);
    let known = maps[dimension] ?? new Int32Array(1024);
    return (code) => {
      if (code >= known.length) known = withRoom(known, code);
      maps[dimension] = known;
      known[code] ||= values.ordinal(decoder.value(dimension, code)) + 1;
      return known[code]! - 1;
    };
  }
}

function* addPartial(
  table: GroupTable,
  { partial, decoder }: DecodedPartial,
  maps: OrdinalMaps,
  aggregations: readonly Aggregator[],
  /** One dimension, and one bucket in each partial: groups are found by ordinal alone. */
  isSimple: boolean,
  /** By aggregator; null where states are merged as they come. */
  merged: readonly (MergedStates | null)[],
): Turns<void> {
  const { groupCount, keys, buckets } = partial;
  const columns: ArrayLike<number>[] = [];
  for (const [i, key] of keys.entries()) {
    columns.push(yield* ordinalsOf(table, key, i, groupCount, decoder, maps));
  }
  const groups = new Uint32Array(groupCount);
  const ordinals = new Array<number>(columns.length).fill(0);
  if (isSimple) {
    const [only] = columns;
    yield* inPieces(groupCount, (from, to) => {
      for (let i = from; i < to; i++) groups[i] = table.groupOf(buckets as number, only![i]!);
    });
  } else {
    table.reserve(groupCount);
    yield* inPieces(groupCount, (from, to) => {
      for (let i = from; i < to; i++) {
        for (let d = 0; d < ordinals.length; d++) ordinals[d] = columns[d]![i]!;
        groups[i] = table.group(typeof buckets === 'number' ? buckets : buckets[i]!, ordinals);
      }
    });
  }
  for (let a = 0; a < aggregations.length; a++) {
    const [late, column] = [merged[a]!, partial.states[a]!];
    if (late !== null)
      late.add(column, 'groups' in column ? column.groups.map((group) => groups[group]!) : groups);
    else yield* combineStates(table.states[a]!, column, groups, aggregations[a]!);
  }
}

/** The table's ordinal of each group's value. */
function* ordinalsOf(
  table: GroupTable,
  key: KeyColumn,
  dimension: number,
  groupCount: number,
  decoder: GroupDecoder | null,
  maps: OrdinalMaps,
): Turns<ArrayLike<number>> {
  const ordinals = new Uint32Array(groupCount);
  if (key.kind === 'codes') {
    const values = table.dimensions[dimension]!;
    if (values.isCodes) return key.codes;
    const ordinalOf = maps.of(decoder!, dimension);
    yield* inPieces(groupCount, (from, to) => {
      for (let i = from; i < to; i++) ordinals[i] = ordinalOf(key.codes[i]!);
    });
    return ordinals;
  }
  if (key.kind === 'words') {
    const values = table.dimensions[dimension]!;
    const { words, nulls, form } = key;
    yield* inPieces(groupCount, (from, to) => {
      for (let i = from; i < to; i++) {
        const isNull = nulls !== null && nulls[i] === 1;
        ordinals[i] = values.ofWords(form, words[2 * i]!, words[2 * i + 1]!, isNull);
      }
    });
    return ordinals;
  }
  const mapped = yield* mapInPieces(key.values, (value) => table.ordinal(dimension, value));
  for (let i = 0; i < groupCount; i++) ordinals[i] = mapped[key.ordinals[i]!]!;
  return ordinals;
}

function* combineStates(
  states: State[],
  column: StateColumn,
  groups: Uint32Array,
  aggregator: Aggregator,
): Turns<void> {
  const wire = stateReader(column);
  yield* inPieces(groups.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const group = groups[i]!;
      const state = aggregator.decode(wire(i));
      const before = states[group]!;
      // Nothing, or what is neutral, came before.
      states[group] = before === null ? state : aggregator.combine(before, state);
    }
  });
}
