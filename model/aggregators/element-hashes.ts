import type { Long } from '../../core/index.js';
import { DATA_SKETCHES_SEED, hashDouble, hashLong, type hashText } from '../../sketches/index.js';
import { type ColumnReader, memoised } from '../rows.js';
import { elementType, isArrayType } from '../types.js';
import { type Element, eachElement } from './sketch-aggregator.js';

/** Writes the hash of a text (four words): `hashText` or `hashUtf16`. */
export type TextHash = typeof hashText;

/**
 * Calls `add` with the hash of every element of the current cell that is not null, by its type, as Apache DataSketches
 * hashes it; texts are hashed once per distinct cell. As there, an empty text is nothing. A FLOAT counts as
 * the DOUBLE that equals it.
 */
export function elementHashes<S>(
  reader: ColumnReader,
  text: TextHash,
  add: (sketch: S, hash: Uint32Array) => void,
): (sketch: S) => void {
  const type = isArrayType(reader.type) ? elementType(reader.type) : reader.type;
  const isDouble = type === 'DOUBLE' || type === 'FLOAT';
  const hash = (element: Element): boolean => {
    if (element === '') return false;
    if (typeof element === 'string') text(element, DATA_SKETCHES_SEED, HASH);
    else if (isDouble || !isLong(element)) hashDouble(Number(element), DATA_SKETCHES_SEED, HASH);
    else hashLong(element, DATA_SKETCHES_SEED, HASH);
    return true;
  };
  if (reader.dictionary === undefined) {
    return (sketch) =>
      eachElement(reader.get(), (element) => {
        if (hash(element)) add(sketch, HASH);
      });
  }
  const read = memoised(reader, (cell) => {
    const hashes: Uint32Array[] = [];
    eachElement(cell, (element) => {
      if (hash(element)) hashes.push(HASH.slice());
    });
    return hashes;
  });
  return (sketch) => {
    for (const each of read()) add(sketch, each);
  };
}

/** Raw fields show numbers by what they are, in a column that may hold texts too. */
const isLong = (element: number | bigint): element is Long =>
  typeof element === 'bigint' || Number.isSafeInteger(element);

const HASH = new Uint32Array(4);
