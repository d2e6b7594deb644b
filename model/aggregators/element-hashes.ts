import type { Long } from '../../core/index.js';
import { DATA_SKETCHES_SEED, hashDouble, hashLong, type hashText } from '../../sketches/index.js';
import type { ColumnReader } from '../rows.js';
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
  const { dictionary } = reader;
  const known = new HashesById();
  return (sketch) => {
    const id = dictionary.id();
    if (!known.has(id)) {
      known.begin(id);
      eachElement(dictionary.value(id), (element) => {
        if (hash(element)) known.push(HASH);
      });
    }
    const end = known.end(id);
    for (let at = known.start(id); at < end; at++) {
      known.read(at, HASH);
      add(sketch, HASH);
    }
  };
}

/** Hashes, none or some for each id, side by side: an object each would lie all over the heap. */
class HashesById {
  /** Four words each. */
  private words = new Uint32Array(1024);
  private used = 0;
  /** By id: where its hashes begin, + 1, and how many there are. */
  private places = new Uint32Array(512);
  private last = 0;

  has(id: number): boolean {
    return 2 * id < this.places.length && this.places[2 * id] !== 0;
  }

  start(id: number): number {
    return this.places[2 * id]! - 1;
  }

  end(id: number): number {
    return this.places[2 * id]! - 1 + this.places[2 * id + 1]!;
  }

  /** What is pushed from now on is this id's. */
  begin(id: number): void {
    if (2 * id >= this.places.length) this.places = grown(this.places, 2 * id + 2);
    this.places[2 * id] = this.used + 1;
    this.last = id;
  }

  push(hash: Uint32Array): void {
    if (4 * this.used >= this.words.length) this.words = grown(this.words, 4 * this.used + 4);
    this.words.set(hash, 4 * this.used++);
    this.places[2 * this.last + 1]!++;
  }

  read(at: number, out: Uint32Array): void {
    const { words } = this;
    for (let i = 0; i < 4; i++) out[i] = words[4 * at + i]!;
  }
}

function grown(array: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(least, 2 * array.length));
  larger.set(array);
  return larger;
}

/** Raw fields show numbers by what they are, in a column that may hold texts too. */
const isLong = (element: number | bigint): element is Long =>
  typeof element === 'bigint' || Number.isSafeInteger(element);

const HASH = new Uint32Array(4);
