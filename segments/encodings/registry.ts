import { InternalError } from '../../core/index.js';
import type { RunnerUp } from '../format/directory.js';
import { nullBitmapBytes } from '../null-bitmap.js';
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

/** What a column is stored with, and what it would have been stored with otherwise. */
export interface EncodingChoice {
  readonly encoding: Encoding;
  /** Null where no other encoding holds the column. */
  readonly runnerUp: RunnerUp | null;
}

/** The encoding whose entries are codes of values; undefined where there is none for a kind of vector. */
export const codedEncoding = (kind: Vector['kind']): Encoding | undefined =>
  CODED.find((encoding) => encoding.kind === kind);

const CODED = [stringDictionary, longDictionary, doubleDictionary, floatDictionary] as Encoding[];

/** The encoding that holds the vector in the fewest bytes; the first of equals. */
export function chooseEncoding(vector: Vector, facts: Facts): EncodingChoice {
  const candidates = ENCODINGS.filter(({ kind }) => kind === vector.kind)
    .map((encoding) => ({ encoding, bytes: encoding.estimateBytes(vector, facts) }))
    .filter((candidate): candidate is { encoding: Encoding; bytes: number } => {
      return candidate.bytes !== null;
    })
    .sort((a, b) => a.bytes - b.bytes);
  const [best, second] = candidates;
  if (best === undefined) throw new InternalError(`no encoding holds a ${vector.kind} column`);
  if (second === undefined) return { encoding: best.encoding, runnerUp: null };
  const nullBytes = facts.hasNulls ? nullBitmapBytes(vector.rowCount) : 0;
  const runnerUp = { encoding: second.encoding.name, sizeBytes: second.bytes + nullBytes };
  return { encoding: best.encoding, runnerUp };
}
