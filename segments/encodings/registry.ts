import { InternalError } from '../../core/index.js';
import { arrayList } from './array-list.js';
import { complexBytes } from './complex.js';
import { doubleRaw } from './double-raw.js';
import type { Encoding } from './encoding.js';
import { floatRaw } from './float-raw.js';
import { jsonDictionary } from './json-dictionary.js';
import { longConstant } from './long-constant.js';
import { longDelta } from './long-delta.js';
import { longRaw } from './long-raw.js';
import { doubleConstant, floatConstant } from './number-constant.js';
import { doubleDictionary, floatDictionary, longDictionary } from './number-dictionary.js';
import { stringDictionary } from './string-dictionary.js';
import { stringList } from './string-list.js';
import type { Facts, Vector } from './vector.js';

/** Every encoding there is. An entry is never taken out: files that use it stay readable. */
export const ENCODINGS: readonly Encoding[] = [
  stringDictionary,
  stringList,
  longConstant,
  longDelta,
  longRaw,
  longDictionary,
  doubleConstant,
  doubleRaw,
  doubleDictionary,
  floatConstant,
  floatRaw,
  floatDictionary,
  complexBytes,
  arrayList,
  jsonDictionary,
];

const BY_NAME = new Map(ENCODINGS.map((encoding) => [encoding.name, encoding]));

/** The encoding of this name; undefined when this version of Varve knows none. */
export const encodingNamed = (name: string): Encoding | undefined => BY_NAME.get(name);

/** The encoding that holds the vector in the fewest bytes; the first of equals. */
export function narrowestEncoding(vector: Vector, facts: Facts): Encoding {
  let best: Encoding | null = null;
  let bestBytes = Number.POSITIVE_INFINITY;
  for (const encoding of ENCODINGS) {
    if (encoding.kind !== vector.kind) continue;
    const bytes = encoding.estimateBytes(vector, facts);
    if (bytes === null || bytes >= bestBytes) continue;
    best = encoding;
    bestBytes = bytes;
  }
  if (best === null) throw new InternalError(`no encoding holds a ${vector.kind} column`);
  return best;
}
