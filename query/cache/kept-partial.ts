import type { Value, WireState } from '../../model/index.js';
import { withValues } from '../compiler/decoder.js';
import type { PartialResult, TimesPartial } from '../engines/engine.js';
import type { GroupDecoder, GroupPartial, KeyColumn } from '../interpreter/group-partial.js';
import type { StateColumn } from '../interpreter/state-column.js';
import { noVisibleTimes, type VisibleTimes } from '../interpreter/visible-times.js';
import { arrayBytes, valueBytes, valuesBytes } from './value-bytes.js';

/** A partial that holds no memory but its own: nobody changes it, and whoever asks gets what may be changed anew. */
export interface KeptPartial {
  readonly partial: GroupPartial | TimesPartial;
  readonly bytes: number;
}

/** The intervals of a query that rows of a segment lie in, by their places: times are kept of these alone. */
export type Places = readonly number[];

/** Of a partial, beside its columns. */
const PARTIAL_BYTES = 400;

/** Null where it is of rows, or takes more than `most` bytes. The decoder tells what its codes stand for. */
export function keptPartial(
  partial: PartialResult,
  decoder: GroupDecoder,
  places: Places,
  most: number,
): KeptPartial | null {
  if (partial.kind === 'times') return { partial, bytes: PARTIAL_BYTES };
  const groups = partial.kind === 'blocks' ? partial.few : partial;
  if (groups === null || groups.kind !== 'groups') return null;
  // Before any value is made: most partials that are too large have too many groups.
  if (groups.groupCount * (4 * groups.keys.length + 8 * groups.states.length) > most) return null;
  const kept = withOwnMemory(withValues(groups, decoder), places);
  const bytes = groupBytes(kept, most);
  return bytes > most ? null : { partial: kept, bytes };
}

/** The partial for a query of so many intervals. */
export function givenPartial(
  { partial }: KeptPartial,
  places: Places,
  intervalCount: number,
): GroupPartial | TimesPartial {
  if (partial.kind === 'times') return partial;
  const visible = noVisibleTimes(intervalCount);
  for (const [i, place] of places.entries()) {
    visible.minMs[place] = partial.visible.minMs[i]!;
    visible.maxMs[place] = partial.visible.maxMs[i]!;
  }
  return { ...partial, states: partial.states.map(changeable), visible };
}

function withOwnMemory(partial: GroupPartial, places: Places): GroupPartial {
  const { buckets, keys, states, visible, groupCount, compiled } = partial;
  return {
    kind: 'groups',
    groupCount,
    buckets: typeof buckets === 'number' ? buckets : Float64Array.from(buckets),
    keys: keys.map(ownKey),
    states: states.map(ownStates),
    visible: visibleIn(visible, places),
    rowsScanned: 0,
    compiled,
  };
}

function visibleIn({ minMs, maxMs }: VisibleTimes, places: Places): VisibleTimes {
  return {
    minMs: Float64Array.from(places, (place) => minMs[place]!),
    maxMs: Float64Array.from(places, (place) => maxMs[place]!),
  };
}

function ownKey(key: KeyColumn): KeyColumn {
  switch (key.kind) {
    case 'values':
      return {
        kind: 'values',
        ordinals: Uint32Array.from(key.ordinals),
        values: [...key.values],
      };
    case 'codes':
      return { kind: 'codes', codes: key.codes.slice() };
    case 'words':
      return { ...key, words: key.words.slice(), nulls: key.nulls?.slice() ?? null };
  }
}

function ownStates(column: StateColumn): StateColumn {
  if ('ends' in column) {
    const own = { bytes: column.bytes.slice(), ends: column.ends.slice() };
    return 'groups' in column ? { ...own, groups: column.groups.slice() } : own;
  }
  return column instanceof Float64Array ? column.slice() : column.map(copied);
}

/** States that are lists, sets or bytes may be changed by those who merge them. */
function changeable(column: StateColumn): StateColumn {
  if ('ends' in column) return { ...column, bytes: column.bytes.slice() };
  return column instanceof Float64Array ? column : column.map(copied);
}

function copied(state: WireState): WireState {
  if (typeof state !== 'object' || state === null) return state;
  if (state instanceof Uint8Array) return state.slice();
  if (Array.isArray(state)) return (state as readonly WireState[]).map(copied) as Value;
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, copied(value as WireState)]),
  );
}

function groupBytes({ buckets, keys, states, visible }: GroupPartial, most: number): number {
  let bytes = PARTIAL_BYTES + arrayBytes(visible.minMs) + arrayBytes(visible.maxMs);
  if (typeof buckets !== 'number') bytes += arrayBytes(buckets as Float64Array);
  for (const key of keys) if (bytes <= most) bytes += keyBytes(key, most);
  for (const column of states) if (bytes <= most) bytes += stateBytes(column, most);
  return bytes;
}

function keyBytes(key: KeyColumn, most: number): number {
  switch (key.kind) {
    case 'values':
      return arrayBytes(key.ordinals as Uint32Array) + valuesBytes(key.values, most);
    case 'codes':
      return arrayBytes(key.codes);
    case 'words':
      return arrayBytes(key.words) + (key.nulls === null ? 0 : arrayBytes(key.nulls));
  }
}

function stateBytes(column: StateColumn, most: number): number {
  if ('ends' in column) {
    const own = arrayBytes(column.bytes) + arrayBytes(column.ends);
    return 'groups' in column ? own + arrayBytes(column.groups) : own;
  }
  if (column instanceof Float64Array) return arrayBytes(column);
  let bytes = valuesBytes([], most);
  for (let i = 0; i < column.length && bytes <= most; i++) bytes += wireBytes(column[i]!, most);
  return bytes;
}

/** Plain objects of plain values may be states, too. */
const wireBytes = (state: WireState, most: number): number =>
  isRecord(state)
    ? valuesBytes(Object.values(state), most) + valueBytes(null, most)
    : valueBytes(state, most);

const isRecord = (state: WireState): state is Record<string, Value> =>
  typeof state === 'object' && state !== null && Object.getPrototypeOf(state) === Object.prototype;
