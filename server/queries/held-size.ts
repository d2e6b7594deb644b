import type { Value } from '../../model/index.js';

/** As many rows are looked at. */
const SAMPLES = 32;

/** About how many bytes rows take in memory, told by a few of them, evenly apart. */
export function heldBytes(rows: readonly (readonly Value[])[]): number {
  const count = Math.min(SAMPLES, rows.length);
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += sizeOf(rows[Math.floor((i * rows.length) / count)]!);
  return count === 0 ? 0 : Math.ceil((bytes * rows.length) / count);
}

/** Of an object or a text, beside what it holds. */
const HEADER = 16;
/** Of a place in a list, or a number. */
const WORD = 8;

/** What lies deeper is not counted. */
const MAX_DEPTH = 8;

function sizeOf(value: unknown, depth = 0): number {
  if (typeof value === 'string') return HEADER + value.length;
  if (typeof value === 'bigint') return HEADER;
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return WORD;
  if (ArrayBuffer.isView(value)) return HEADER + value.byteLength;
  const members = Array.isArray(value) ? value : Object.values(value);
  return members.reduce((sum: number, each) => sum + WORD + sizeOf(each, depth + 1), HEADER);
}
