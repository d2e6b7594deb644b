import { DATA_SKETCHES_SEED, hashDouble, hashLong, hashText } from '../value-hash.js';

/** The hash of a value in a Count-Min sketch, 32 bits: whole numbers are one value, whatever the type of their column. */
export function frequencyHash(value: string | number | bigint): number {
  if (typeof value === 'string') hashText(value, DATA_SKETCHES_SEED, HASH);
  else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    hashLong(value, DATA_SKETCHES_SEED, HASH);
  } else hashDouble(value, DATA_SKETCHES_SEED, HASH);
  return HASH[0]!;
}

const HASH = new Uint32Array(4);
