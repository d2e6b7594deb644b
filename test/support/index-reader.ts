/** Reads the blocks of indexes as docs/segments.md says: the other half of `segment-reader.ts`. */
import {
  type BlockBytes,
  type IndexEntry,
  numbers,
  pieces,
  short,
  unsigned,
} from './segment-reader.js';

/** The rows, or nodes, of each key. */
export function rowLists(block: BlockBytes): number[][] {
  const offsets = unsigned(block('lists.offsets')!, 4);
  return pieces(block('lists.bytes')!, offsets).map(rowList);
}

function rowList(bytes: Uint8Array): number[] {
  if (bytes.length === 0) return [];
  const [head, ...gaps] = varints(bytes);
  if (head! % 2 === 1) throw new Error('a bitmap: see the Roaring format');
  const rows: number[] = [];
  for (const gap of gaps) rows.push((rows.at(-1) ?? -1) + 1 + gap);
  if (rows.length !== head! / 2) throw new Error(`${rows.length} rows, want ${head! / 2}`);
  return rows;
}

function varints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let [value, scale] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte > 127) continue;
    values.push(value);
    [value, scale] = [0, 1];
  }
  return values;
}

/** The texts of the keys of `text` and `jsonPath`. */
export const keysOf = (block: BlockBytes): string[] =>
  pieces(block('keys.bytes')!, unsigned(block('keys.offsets')!, 4)).map((key) =>
    new TextDecoder().decode(key),
  );

/** The sorted numbers of `range`. */
export function rangeValues({ parameters }: IndexEntry, block: BlockBytes): (number | bigint)[] {
  const { form, base } = parameters;
  const bytes = block('range.values')!;
  if (form === 'i64' || form === 'f64' || form === 'f32') return numbers(bytes, form);
  const width = form === 'u8' ? 1 : form === 'u16' ? 2 : 4;
  return unsigned(bytes, width).map((offset) => short(BigInt(base!) + BigInt(offset)));
}

/** The smallest and largest values of the zones. */
export function zoneEnds({ parameters }: IndexEntry, bytes: Uint8Array): (number | bigint)[] {
  if (parameters.form === 'codes') return unsigned(bytes, 4);
  return numbers(bytes, parameters.form === 'longs' ? 'i64' : 'f64');
}

export function bloomHas(
  { parameters }: IndexEntry,
  block: BlockBytes,
  value: Uint8Array,
): boolean {
  const bits = block('bloom.bits')!;
  const { hash, gap } = hashOf(value);
  for (let i = 0; i < Number(parameters.probes); i++) {
    const bit = ((hash + i * gap) % 2 ** 32) % (8 * bits.length);
    if (((bits[bit >> 3]! >> (bit & 7)) & 1) === 0) return false;
  }
  return true;
}

/** How many rows a value has at most, by `countMin`. */
export function countMinOf(counters: Uint8Array, value: Uint8Array): number {
  const [version, , lgWidth, depth, width] = counters as unknown as number[];
  if (version === 2) return entryOf(counters, hashOf(value).hash);
  const counts =
    width === 4 ? unsigned(counters.slice(16), 4) : numbers(counters.slice(16), 'i64').map(Number);
  const { hash, gap } = hashOf(value);
  const rows = Array.from({ length: depth! }, (_, i) => {
    const place = Math.floor(((hash + i * gap) % 2 ** 32) / 2 ** (32 - lgWidth!));
    return counts[i * 2 ** lgWidth! + place]!;
  });
  return Math.min(...rows);
}

function entryOf(counters: Uint8Array, hash: number): number {
  const view = new DataView(counters.buffer, counters.byteOffset, counters.byteLength);
  for (let i = 0; i < view.getUint32(4, true); i++) {
    if (view.getUint32(16 + 12 * i, true) === hash)
      return Number(view.getBigUint64(20 + 12 * i, true));
  }
  return 0;
}

/** Values and how many rows have each, by `countMin`. */
export function frequentValues(
  bytes: Uint8Array,
): [value: string | number | bigint, rows: number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: [string | number | bigint, number][] = [];
  let at = 28;
  for (let i = 0; i < view.getUint32(24, true); i++) {
    const rows = Number(view.getBigUint64(at, true));
    at += 16;
    const length = bytes[1] === 0 ? view.getUint32(at, true) : 8;
    const value =
      bytes[1] === 0
        ? new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + length))
        : short(view.getBigInt64(at, true));
    at += bytes[1] === 0 ? 4 + length : 8;
    found.push([value, rows]);
  }
  return found;
}

function hashOf(value: Uint8Array): { hash: number; gap: number } {
  const hash = murmur3(value);
  return { hash, gap: (Math.imul(hash, 0x9e3779b1) | 1) >>> 0 };
}

/** MurmurHash3_x86_32 with seed 0. */
function murmur3(bytes: Uint8Array): number {
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));
  const mixed = (k: number) => Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);
  const whole = bytes.length & ~3;
  let hash = 0;
  for (const word of unsigned(bytes.slice(0, whole), 4)) {
    hash = (Math.imul(rotate(hash ^ mixed(word), 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = bytes.length - 1; i >= whole; i--) tail = (tail << 8) | bytes[i]!;
  hash ^= mixed(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
