import { type Long, murmur3Half, utf8Encode } from '../../core/index.js';
import { NAN_BITS } from '../value-hash.js';

/** A value by its type: texts by their UTF-8, numbers by their bits, which differ between types. */
export type BloomValue =
  | { readonly type: 'STRING'; readonly value: string }
  | { readonly type: 'LONG'; readonly value: Long }
  | { readonly type: 'DOUBLE' | 'FLOAT'; readonly value: number }
  | null;

/**
 * The hash by which Druid's BloomKFilter knows a value: `murmur3Half` of the UTF-8, of 8 bytes of a LONG or DOUBLE, big-endian, or of 4
 * of a FLOAT, little-endian; a constant of null. All NaN are one. Writes the low word to `out[at]`, the high one behind it.
 */
export function bloomHash(value: BloomValue, out: Uint32Array, at: number): void {
  if (value === null) HASH.set(NULL_HASH);
  else murmur3Half(bytesOf(value), HASH);
  out[at] = HASH[0]!;
  out[at + 1] = HASH[1]!;
}

function bytesOf(value: Exclude<BloomValue, null>): Uint8Array {
  if (value.type === 'STRING') return utf8Encode(value.value);
  if (value.type === 'FLOAT') {
    if (Number.isNaN(value.value)) VIEW.setUint32(0, FLOAT_NAN_BITS, true);
    else VIEW.setFloat32(0, value.value, true);
    return FOUR;
  }
  if (value.type === 'LONG') VIEW.setBigInt64(0, BigInt(value.value));
  else if (Number.isNaN(value.value)) VIEW.setBigUint64(0, NAN_BITS);
  else VIEW.setFloat64(0, value.value);
  return EIGHT;
}

const FLOAT_NAN_BITS = 0x7fc0_0000;
/** 2862933555777941757. */
const NULL_HASH = Uint32Array.of(0x87b0b0fd, 0x27bb2ee6);
const HASH = new Uint32Array(2);
const EIGHT = new Uint8Array(8);
const FOUR = EIGHT.subarray(0, 4);
const VIEW = new DataView(EIGHT.buffer);
