import type { PartialResult, RowsPartial } from '../engines/engine.js';
import type { GroupPartial, KeyColumn } from '../interpreter/group-partial.js';
import { type StateColumn, stateColumn, stateReader } from '../interpreter/state-column.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { partialBytes } from '../spill/partial-bytes.js';

/** The partial in pieces of about so many bytes, which merged in their order give the same. A piece has a group or a row at least. */
export function* slicesOf(partial: PartialResult, bytes: number): Generator<PartialResult> {
  const count = sliceCount(partial);
  const pieces = Math.min(count, Math.ceil(partialBytes(partial) / bytes));
  if (pieces < 2) yield partial;
  else for (let i = 0; i < pieces; i++) yield sliced(partial, at(i), at(i + 1));

  function at(piece: number): number {
    return Math.floor((piece * count) / pieces);
  }
}

/** Both halves of a partial; null where it cannot be halved. */
export function halvesOf(partial: PartialResult): readonly [PartialResult, PartialResult] | null {
  const count = sliceCount(partial);
  if (count < 2) return null;
  const middle = count >>> 1;
  return [sliced(partial, 0, middle), sliced(partial, middle, count)];
}

function sliceCount(partial: PartialResult): number {
  if (partial.kind === 'groups') return partial.groupCount;
  return partial.kind === 'rows' ? partial.rowCount : 1;
}

function sliced(partial: PartialResult, from: number, to: number): PartialResult {
  if (partial.kind === 'groups') return groupsOf(partial, from, to);
  return partial.kind === 'rows' ? rowsOf(partial, from, to) : partial;
}

/** What is told of all groups together, the first slice tells. */
function groupsOf(partial: GroupPartial, from: number, to: number): GroupPartial {
  const { buckets, keys, states, visible, rowsScanned } = partial;
  const isFirst = from === 0;
  return {
    ...partial,
    groupCount: to - from,
    buckets: typeof buckets === 'number' ? buckets : listOf(buckets, from, to),
    keys: keys.map((key) => keyOf(key, from, to)),
    states: states.map((column) => statesOf(column, from, to)),
    visible: isFirst ? visible : noVisibleTimes(visible.minMs.length),
    rowsScanned: isFirst ? rowsScanned : 0,
  };
}

function rowsOf(partial: RowsPartial, from: number, to: number): RowsPartial {
  const { keys, columns, rowsScanned } = partial;
  return {
    ...partial,
    rowCount: to - from,
    keys: keys.map((each) => each.slice(from, to)),
    columns: columns.map((each) => each.slice(from, to)),
    rowsScanned: from === 0 ? rowsScanned : 0,
  };
}

function listOf(list: ArrayLike<number>, from: number, to: number): ArrayLike<number> {
  return list instanceof Float64Array || list instanceof Uint32Array
    ? list.subarray(from, to)
    : Array.prototype.slice.call(list, from, to);
}

function keyOf(key: KeyColumn, from: number, to: number): KeyColumn {
  if (key.kind === 'codes') return { ...key, codes: key.codes.subarray(from, to) };
  if (key.kind === 'words') {
    const nulls = key.nulls?.subarray(from, to) ?? null;
    return { ...key, words: key.words.subarray(2 * from, 2 * to), nulls };
  }
  const ordinals = new Uint32Array(to - from);
  const values: (typeof key.values)[number][] = [];
  const known = new Map<number, number>();
  for (let i = from; i < to; i++) {
    const before = key.ordinals[i]!;
    const ordinal = known.get(before) ?? values.push(key.values[before]!) - 1;
    known.set(before, ordinal);
    ordinals[i - from] = ordinal;
  }
  return { kind: 'values', ordinals, values };
}

function statesOf(column: StateColumn, from: number, to: number): StateColumn {
  if (column instanceof Float64Array) return column.subarray(from, to);
  if (!('ends' in column)) return column.slice(from, to);
  const state = stateReader(column);
  return stateColumn(Array.from({ length: to - from }, (_, i) => state(from + i)));
}
