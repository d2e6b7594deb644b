import { sharedBytes } from '../compiler/group-blocks.js';
import type { PartialResult } from '../engines/engine.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { StateColumn } from '../interpreter/state-column.js';

/** Values that are looked at to tell how large those of a column are. */
const SAMPLES = 64;

/** What a result takes in memory, about: exactly where it is typed arrays, by a sample of the values where it is not. */
export function partialBytes(partial: PartialResult): number {
  switch (partial.kind) {
    case 'times':
    case 'spilled':
      return 0;
    case 'blocks':
      return sharedBytes(partial.blocks);
    case 'rows':
      return [...partial.keys, ...partial.columns].reduce((sum, each) => sum + arrayBytes(each), 0);
    case 'groups': {
      let sum = typeof partial.buckets === 'number' ? 0 : arrayBytes(partial.buckets);
      for (const key of partial.keys) {
        if (key.kind === 'codes') sum += key.codes.byteLength;
        else if (key.kind === 'words') sum += key.words.byteLength + (key.nulls?.byteLength ?? 0);
        else sum += arrayBytes(key.ordinals) + arrayBytes(key.values);
      }
      for (const column of partial.states) sum += stateBytes(column);
      return sum;
    }
  }
}

/** A group in a table of this thread, and each of its keys and states. */
export const LEAST_GROUP_BYTES = 64;
const CELL_BYTES = 24;

export const groupBytesOf = ({ keys, states }: GroupPartial): number =>
  LEAST_GROUP_BYTES + CELL_BYTES * (keys.length + states.length);

/** What groups of a partial take in a table of this thread, if it has them. */
export const tableBytes = (partial: PartialResult): number =>
  partial.kind === 'groups' ? partial.groupCount * groupBytesOf(partial) : 0;

const stateBytes = (column: StateColumn): number =>
  'ends' in column ? column.bytes.byteLength + column.ends.byteLength : arrayBytes(column);

/** About how many bytes rows of an answer take in memory. */
export const rowsBytes = (rows: readonly (readonly unknown[])[]): number => arrayBytes(rows);

/** An array and what its elements take beside their places in it. */
function arrayBytes(array: ArrayLike<unknown>): number {
  if (ArrayBuffer.isView(array)) return array.byteLength;
  const { length } = array;
  const samples = Math.min(length, SAMPLES);
  let sum = 0;
  for (let i = 0; i < samples; i++) sum += valueBytes(array[Math.floor((i * length) / samples)]);
  return POINTER_BYTES * length + (samples === 0 ? 0 : Math.ceil((sum * length) / samples));
}

const POINTER_BYTES = 8;
/** What any object takes beside what it holds. */
const OBJECT_BYTES = 32;

/** What lies deeper in documents is not counted. */
const MAX_DEPTH = 8;

function valueBytes(value: unknown, depth = 0): number {
  if (typeof value === 'string') return OBJECT_BYTES + value.length;
  if (typeof value === 'bigint') return OBJECT_BYTES;
  // Numbers that are no small integers may lie in objects of their own.
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 30 ? 0 : 16;
  if (typeof value !== 'object' || value === null) return 0;
  if (ArrayBuffer.isView(value)) return 3 * OBJECT_BYTES + value.byteLength;
  if (Array.isArray(value)) return OBJECT_BYTES + arrayBytes(value);
  if (depth > MAX_DEPTH) return OBJECT_BYTES;
  const members = Object.values(value);
  const bytes = members.reduce<number>(
    (sum, each) => sum + POINTER_BYTES + valueBytes(each, depth + 1),
    OBJECT_BYTES,
  );
  return Math.max(bytes, OBJECT_STATE_BYTES);
}

/** Of a state of an aggregator that only it knows, at least. */
const OBJECT_STATE_BYTES = 256;
