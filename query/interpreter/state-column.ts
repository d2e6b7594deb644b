import type { WireState } from '../../model/index.js';

/** States as bytes, one behind the other: the i-th ends before `ends[i]`. */
export interface StateBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array;
}

/** States of which the i-th is of group `groups[i]`, which is theirs together; each group has one at least. They stay in their thread. */
export interface StatePieces extends StateBytes {
  readonly groups: Uint32Array;
}

/** The states of one aggregator by group; plain numbers, or bytes, where all of them are; or pieces that were left as they are. */
export type StateColumn = readonly WireState[] | Float64Array | StateBytes | StatePieces;

/** Thousands of small buffers are dear to send and to forget: bytes go together. */
export function stateColumn(states: readonly WireState[]): StateColumn {
  if (!states.every((state) => state instanceof Uint8Array)) return states;
  const ends = new Uint32Array(states.length);
  let size = 0;
  for (const [i, { length }] of states.entries()) {
    size += length;
    ends[i] = size;
  }
  const bytes = new Uint8Array(size);
  for (const [i, state] of states.entries()) bytes.set(state, ends[i]! - state.length);
  return { bytes, ends };
}

export function stateReader(column: StateColumn): (i: number) => WireState {
  if (!('ends' in column)) return (i) => column[i]!;
  const { bytes, ends } = column;
  return (i) => bytes.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]!);
}
