import { type Long, longAdd, longMultiply, toLong } from '../../../../core/index.js';
import { type OrcStream, unzigzag } from './orc-stream.js';

/** Gives the values of a stream in turn. */
export interface Runs<T> {
  /** The next `count` values, in a list of its own. Throws RangeError where there are fewer. */
  read(count: number): T[];
}

/** Reads run by run. */
abstract class RunReader<T> implements Runs<T> {
  #run: readonly T[] = [];
  #at = 0;

  protected abstract nextRun(): readonly T[];

  read(count: number): T[] {
    const values: T[] = [];
    while (values.length < count) {
      if (this.#at === this.#run.length) {
        this.#run = this.nextRun();
        this.#at = 0;
      }
      const end = Math.min(this.#run.length, this.#at + count - values.length);
      for (; this.#at < end; this.#at++) values.push(this.#run[this.#at]!);
    }
    return values;
  }
}

/** Bytes: below 128, a count less 3 and the byte that is repeated; else 256 less a count, and so many bytes. */
export class ByteRuns extends RunReader<number> {
  constructor(private readonly stream: OrcStream) {
    super();
  }

  protected nextRun(): readonly number[] {
    const control = this.stream.byte();
    if (control >= 128) return Array.from(this.stream.raw(256 - control));
    return new Array<number>(control + 3).fill(this.stream.byte());
  }
}

/** Bits in runs of bytes, most significant first. */
export class BitRuns extends RunReader<boolean> {
  readonly #bytes: ByteRuns;

  constructor(stream: OrcStream) {
    super();
    this.#bytes = new ByteRuns(stream);
  }

  protected nextRun(): readonly boolean[] {
    const [byte] = this.#bytes.read(1);
    return MASKS.map((mask) => (byte! & mask) !== 0);
  }
}

const MASKS = [128, 64, 32, 16, 8, 4, 2, 1];

/** Integers, version 1: below 128, a count less 3, a step and the first value; else 256 less a count, and so many values. */
export class LongRuns1 extends RunReader<Long> {
  constructor(
    private readonly stream: OrcStream,
    private readonly isSigned: boolean,
  ) {
    super();
  }

  protected nextRun(): readonly Long[] {
    const control = this.stream.byte();
    if (control >= 128) return Array.from({ length: 256 - control }, () => this.#value());
    const step = (this.stream.byte() << 24) >> 24;
    const first = this.#value();
    return Array.from({ length: control + 3 }, (_, i) => longAdd(first, i * step));
  }

  #value(): Long {
    const value = this.stream.varint();
    return this.isSigned ? unzigzag(value) : value;
  }
}

/** Bits of packed values, by code. */
const WIDTHS = [
  ...Array.from({ length: 24 }, (_, code) => code + 1),
  ...[26, 28, 30, 32, 40, 48, 56, 64],
];

/**
 * Integers, version 2. The two highest bits of a run's first byte say what it is: a value that is repeated, packed values, packed values
 * above a base of which some have further bits, or packed steps.
 */
export class LongRuns2 extends RunReader<Long> {
  constructor(
    private readonly stream: OrcStream,
    private readonly isSigned: boolean,
  ) {
    super();
  }

  protected nextRun(): readonly Long[] {
    const first = this.stream.byte();
    switch (first >> 6) {
      case 0:
        return this.#repeated(first);
      case 1:
        return this.#direct(first);
      case 2:
        return this.#patched(first);
      default:
        return this.#deltas(first);
    }
  }

  #signed(value: Long): Long {
    return this.isSigned ? unzigzag(value) : value;
  }

  /** Bytes of the value less 1 in 3 bits, count less 3 in 3 bits. */
  #repeated(first: number): readonly Long[] {
    const value = bigEndian(this.stream.raw(((first >> 3) & 7) + 1));
    return new Array<Long>((first & 7) + 3).fill(this.#signed(value));
  }

  /** Width in 5 bits, count less 1 in 9 bits. */
  #direct(first: number): readonly Long[] {
    const count = this.#count(first);
    const values = unpack(this.stream, WIDTHS[(first >> 1) & 31]!, count);
    return this.isSigned ? values.map(unzigzag) : values;
  }

  /**
   * As `#direct`, then: bytes of the base less 1 in 3 bits, width of the patches in 5, width of the gaps less 1 in 3, count of
   * patches in 5. Behind them the base, with its sign in the highest bit, the values, and the patches: a gap and further bits.
   */
  #patched(first: number): readonly Long[] {
    const width = WIDTHS[(first >> 1) & 31]!;
    const count = this.#count(first);
    const third = this.stream.byte();
    const fourth = this.stream.byte();
    const base = signMagnitude(this.stream.raw((third >> 5) + 1));
    const patchWidth = WIDTHS[third & 31]!;
    const gapWidth = (fourth >> 5) + 1;
    const values = unpack(this.stream, width, count);
    const entryWidth = WIDTHS.find((one) => one >= gapWidth + patchWidth);
    if (entryWidth === undefined) throw new RangeError('the patches of a run are too wide');
    let at = 0;
    for (const entry of unpack(this.stream, entryWidth, fourth & 31)) {
      at += Number(BigInt(entry) >> BigInt(patchWidth));
      const high = BigInt.asUintN(patchWidth, BigInt(entry)) << BigInt(width);
      if (at >= count) throw new RangeError('a patch is for no value');
      values[at] = BigInt(values[at]!) | high;
    }
    return values.map((value) => longAdd(base, toLong(BigInt(value))));
  }

  /** As `#direct`, where the width 0 means equal steps; then the first value, and the first step, whose sign all have. */
  #deltas(first: number): readonly Long[] {
    const code = (first >> 1) & 31;
    const count = this.#count(first);
    const base = this.#signed(this.stream.varint());
    const step = unzigzag(this.stream.varint());
    if (code === 0)
      return Array.from({ length: count }, (_, i) => longAdd(base, longMultiply(i, step)));
    const values = [base, longAdd(base, step)];
    for (const delta of unpack(this.stream, WIDTHS[code]!, count - 2)) {
      const signed = toLong(BigInt(delta));
      values.push(longAdd(values.at(-1)!, step < 0 ? longMultiply(-1, signed) : signed));
    }
    return values.slice(0, count);
  }

  #count(first: number): number {
    return (((first & 1) << 8) | this.stream.byte()) + 1;
  }
}

/** Unpacks `count` values of `width` bits, most significant first, from whole bytes; without sign. */
function unpack(stream: OrcStream, width: number, count: number): Long[] {
  if (count <= 0) return [];
  const bytes = stream.raw(Math.ceil((width * count) / 8));
  let at = 0;
  let left = 0;
  /** At most 32. */
  const bits = (wanted: number): number => {
    let value = 0;
    for (let missing = wanted; missing > 0; ) {
      if (left === 0) {
        at++;
        left = 8;
      }
      const taken = Math.min(missing, left);
      const part = (bytes[at - 1]! >> (left - taken)) & (2 ** taken - 1);
      value = value * 2 ** taken + part;
      left -= taken;
      missing -= taken;
    }
    return value;
  };
  const values = new Array<Long>(count);
  for (let i = 0; i < count; i++) {
    values[i] = width <= 32 ? bits(width) : wide(bits(width - 32), bits(32));
  }
  return values;
}

/** An integer without sign of its high bits and its lowest 32. */
const wide = (high: number, low: number): Long =>
  high < 2 ** 21 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);

function bigEndian(bytes: Uint8Array): Long {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function signMagnitude(bytes: Uint8Array): Long {
  const value = BigInt(bigEndian(bytes));
  const sign = 1n << BigInt(bytes.length * 8 - 1);
  return toLong(value >= sign ? -(value - sign) : value);
}
