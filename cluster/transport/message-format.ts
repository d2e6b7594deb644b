/**
 * Messages between nodes are MessagePack, of which only this is written and read:
 *
 *     nil, false, true   c0, c2, c3
 *     number             an integer of 32 bits: fixint or int 32 (d2); every other, also -0, NaN and infinities: float 64 (cb)
 *     bigint             int 64 (d3), from 2^63 on uint 64 (cf); comes back as a bigint, however small
 *     text               fixstr or str 32 (db), UTF-8
 *     Uint8Array         bin 32 (c6)
 *     typed array        ext 32 (c9) of type 0x74: a byte with its kind, then its bytes, little-endian
 *     list               fixarray or array 32 (dd)
 *     object             fixmap or map 32 (df), keys are texts
 *
 * A library of MessagePack reads all of it. We write it ourselves because none of them keeps -0 and `__proto__`, and because
 * what comes from the network is read by the strictest code: no classes, no references, no code made of names.
 */
export const LIST_KINDS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** The type of the extension that holds typed arrays, `t`. */
export const TYPED_ARRAY = 0x74;

/** Lists and objects in each other. JSON is taken up to 500. */
export const MAX_DEPTH = 520;

/** Values of a message: each takes memory, and may take only a byte. */
export const MAX_VALUES = 1 << 22;
