import { ByteReader, ByteWriter, CorruptBytesError } from '../../../core/index.js';
import { type Content, unsignedView, widthOf } from '../../encodings/content.js';
import { wrongSize } from './planes.js';
import type { PlainPage, Transform } from './transform.js';

const HEADER_BYTES = 16;

/** Integers are below it, so that the difference of two is exact. */
const TOO_LARGE = 2 ** 52;

/** By exponent. More than 15 digits a double does not hold. Written out, so that they are the same in every engine. */
const POWERS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
] as const;

/** Entries that are looked at to find the exponent. */
const SAMPLE = 64;

/** More exceptions than one in so many entries, and these are no decimals. */
const EXCEPTION_SHARE = 8;

/**
 * Numbers of few decimal places as integers: value = integer / 10^exponent, rounded as a division is. After ALP
 * (Afroozeh, Kuffo, Boncz: ALP: Adaptive Lossless floating-Point Compression, 2023). Little-endian; n entries of w bytes:
 *
 *     0     1     exponent
 *     1     1     planes p, 0 to 7
 *     2     2     zero
 *     4     4     exceptions x, u32
 *     8     8     base, f64: the smallest integer
 *     16    p×n   integer - base: the lowest bytes of all entries, then their second ones, and so on; 0 for exceptions
 *     …     4x    entries that are exceptions, u32, ascending
 *     …     w×x   the bytes of those
 *
 * Exceptions are entries that do not come out bit for bit, such as -0 and NaN.
 */
export const decimals: Transform = {
  name: 'decimals',
  suits: (content) => content === 'f64' || content === 'f32',

  apply({ content, bytes }) {
    const values = floatView(bytes, content);
    const exponent = exponentOf(values, content);
    const power = POWERS[exponent]!;
    const integers = new Float64Array(values.length);
    const exceptions: number[] = [];
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < values.length; i++) {
      const integer = integerOf(values[i]!, power, content);
      if (Number.isNaN(integer)) exceptions.push(i);
      else if (integer < min || integer > max) {
        min = Math.min(min, integer);
        max = Math.max(max, integer);
      }
      integers[i] = integer;
    }
    if (exceptions.length * EXCEPTION_SHARE > values.length || min > max) return null;
    for (const i of exceptions) integers[i] = min;
    const writer = new ByteWriter(bytes.length);
    const planes = Math.ceil(Math.log2(max - min + 1) / 8);
    writer.u8(exponent);
    writer.u8(planes);
    writer.u16(0);
    writer.u32(exceptions.length);
    writer.f64(min);
    writer.raw(planesOf(integers, min, planes));
    for (const i of exceptions) writer.u32(i);
    const width = widthOf(content);
    for (const i of exceptions) writer.raw(bytes.subarray(i * width, (i + 1) * width));
    return writer.toBytes();
  },

  undo(packed: Uint8Array, { content, bytes }: PlainPage) {
    const reader = new ByteReader(packed);
    const power = POWERS[reader.u8()] ?? Number.NaN;
    const planes = reader.u8();
    reader.u16();
    const exceptions = reader.u32();
    const base = reader.f64();
    const width = widthOf(content);
    const values = floatView(bytes, content);
    const planeBytes = planes * values.length;
    const wanted = HEADER_BYTES + planeBytes + (4 + width) * exceptions;
    if (Number.isNaN(power)) throw new CorruptBytesError(0, 'no such power of ten');
    if (planes > 7 || packed.length !== wanted) throw wrongSize(packed.length, bytes.length);
    divide(packed.subarray(HEADER_BYTES), planes, base, power, values);
    const at = HEADER_BYTES + planeBytes;
    const rows = unsignedView(packed.slice(at, at + 4 * exceptions), 4);
    for (let i = 0; i < exceptions; i++) {
      const row = rows[i]!;
      if (row >= values.length) throw new CorruptBytesError(at + 4 * i, `no entry ${row}`);
      const from = at + 4 * exceptions + i * width;
      bytes.set(packed.subarray(from, from + width), row * width);
    }
  },
};

function floatView(bytes: Uint8Array, content: Content): Float64Array | Float32Array {
  const { buffer, byteOffset, length } = bytes;
  return content === 'f64'
    ? new Float64Array(buffer, byteOffset, length / 8)
    : new Float32Array(buffer, byteOffset, length / 4);
}

/** The integer that stands for a value; NaN where none does. */
function integerOf(value: number, power: number, content: Content): number {
  // + 0 makes 0 of -0, which then is not the value that came.
  const integer = Math.round(value * power) + 0;
  const back = integer / power;
  const isSame = Object.is(content === 'f32' ? Math.fround(back) : back, value);
  return isSame && Math.abs(integer) < TOO_LARGE ? integer : Number.NaN;
}

/** The smallest exponent that most of a sample comes out with. */
function exponentOf(values: Float64Array | Float32Array, content: Content): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  let best = 0;
  let mostHeld = -1;
  for (const [exponent, power] of POWERS.entries()) {
    let held = 0;
    for (let i = 0; i < values.length; i += step) {
      if (!Number.isNaN(integerOf(values[i]!, power, content))) held++;
    }
    if (held <= mostHeld) continue;
    mostHeld = held;
    best = exponent;
  }
  return best;
}

function planesOf(integers: Float64Array, base: number, planes: number): Uint8Array {
  const count = integers.length;
  const bytes = new Uint8Array(planes * count);
  for (let i = 0; i < count; i++) {
    const difference = integers[i]! - base;
    // Storing keeps the lowest byte; shifts are for 32 bits.
    const high = Math.floor(difference / 2 ** 32);
    for (let k = 0; k < planes; k++) {
      bytes[k * count + i] = k < 4 ? difference >>> (8 * k) : high >>> (8 * (k - 4));
    }
  }
  return bytes;
}

function divide(
  planes: Uint8Array,
  planeCount: number,
  base: number,
  power: number,
  values: Float64Array | Float32Array,
): void {
  const count = values.length;
  for (let i = 0; i < count; i++) {
    let integer = 0;
    for (let k = planeCount - 1; k >= 0; k--) integer = integer * 256 + planes[k * count + i]!;
    values[i] = (integer + base) / power;
  }
}
