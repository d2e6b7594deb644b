import { murmur3Word, utf8Encode } from '../../core/index.js';
import { type Cell, elementsOf } from '../cells.js';

/**
 * What Druid hashes by (`murmur3_32_abs`): the JSON list that has, for each partition dimension, the list of its values in
 * the row. Bytes as Jackson writes them.
 *
 *     by dimensions     [["a"],["x","y"],[]]                    in the order of the dimensions, values in theirs
 *     by all of them    [1704067200000,{"page":["a"],"tags":["x","y"]}]
 *                       the time, dimensions and values in the order of their UTF-16, those without a value left out
 */
export const cellJson = (cell: Cell): string => jacksonJson(elementsOf(cell));

/** A dimension of the second form, empty where the cell has no value. */
export function memberJson(name: string, cell: Cell): string {
  const values = [...new Set(elementsOf(cell))].filter((value) => value !== null).sort();
  return values.length === 0 ? '' : `${jacksonJson(name)}:${jacksonJson(values)}`;
}

/** Jackson and `JSON.stringify` differ in one thing: how they write hexadecimal digits. */
const jacksonJson = (value: unknown): string =>
  JSON.stringify(value).replace(/\\(?:u[0-9a-f]{4}|.)/g, (escaped) =>
    escaped[1] === 'u' ? `\\u${escaped.slice(2).toUpperCase()}` : escaped,
  );

/** The bucket of the key in bytes [0, length). */
export const bucketOfKey = (bytes: Uint8Array, length: number, numBuckets: number): number =>
  Math.abs(murmur3Word(bytes, 0, length) % numBuckets);

/** The bucket of rows that have these cells in the partition dimensions, which are not none. */
export function hashBucket(cells: readonly Cell[], numBuckets: number): number {
  const key = utf8Encode(`[${cells.map(cellJson).join()}]`);
  return bucketOfKey(key, key.length, numBuckets);
}
