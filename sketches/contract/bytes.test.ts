import { getHeapStatistics } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { CorruptSketchError, SeededRandom } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import type { SketchContract } from './contract-testing.js';
import { feed, inOne, inParts } from './feed-testing.js';
import { GOLDEN } from './golden-testing.js';
import { SKETCHES } from './sketches-testing.js';
import { Stream } from './stream-testing.js';

const SEED = Number(process.env.VARVE_SEED ?? 1) % 2 ** 20;
const LENGTHS = [0, 1, 20, 3000];
/** Where every kind of damage is tried. */
const DAMAGED_LENGTHS = [0, 1, 20, 300];
/** What reading damaged bytes may take, however few they are. */
const MOST_ALLOCATED = 2 ** 25;

const sketchOf = (row: SketchContract<unknown>, stream: Stream) => inOne([row], stream)[0]!.sketch;

/** Bytes are read as what they were written of, have no form but that, and damage is told or does no harm. */
describe.each(SKETCHES.flatMap(({ rows }) => rows))('$name', (row) => {
  test('is read as it was written', () => {
    for (const length of LENGTHS) {
      const sketch = sketchOf(row, new Stream(SEED, length));
      const bytes = row.bytes(sketch);
      const read = row.read(bytes);
      expectSame(row.answers(read), row.answers(sketch));
      expectSame(row.bytes(read), bytes);
    }
  });

  test('tells damage', () => {
    for (const length of DAMAGED_LENGTHS) {
      const bytes = row.bytes(sketchOf(row, new Stream(SEED, length)));
      for (const damaged of damagedBytes(bytes)) expectToldOrValid(row, damaged);
    }
  });

  test.runIf(row.isOrderless)('parts have the bytes of the whole', () => {
    for (let seed = SEED; seed < SEED + 10; seed++) {
      const stream = new Stream(seed, 1 + ((seed * 271) % 3000));
      const [merged] = inParts([row], stream);
      expectSame(row.bytes(merged!.sketch), row.bytes(sketchOf(row, stream)));
    }
  });

  test.runIf(row.merge !== null)('is left as it is where it is merged into another', () => {
    for (const length of LENGTHS) {
      const source = sketchOf(row, new Stream(SEED, length));
      const bytes = row.bytes(source);
      const target = sketchOf(row, new Stream(SEED + 1, length));
      row.merge!(target, source);
      feed([{ row, sketch: target }], Float64Array.of(1, 2, 3));
      expectSame(row.bytes(source), bytes);
    }
  });

  test.runIf(row.isOrderless)('merged with itself is the same as with its like', () => {
    for (const length of LENGTHS) {
      const [sketch, like] = [0, 1].map(() => sketchOf(row, new Stream(SEED, length)));
      row.merge!(like, sketch);
      row.merge!(sketch, sketch);
      expectSame(row.bytes(sketch), row.bytes(like));
    }
  });

  const golden = GOLDEN[row.name];
  test.runIf(golden !== undefined)('has the bytes of its version', () => {
    const sketch = sketchOf(row, new Stream(0, 20));
    expect(Buffer.from(row.bytes(sketch)).toString('base64')).toBe(golden);
    const read = row.read(Buffer.from(golden!, 'base64'));
    expectSame(row.answers(read), row.answers(sketch));
  });
});

/** Cut, flipped, of other numbers, and no image at all. */
function* damagedBytes(bytes: Uint8Array): Generator<Uint8Array> {
  const random = new SeededRandom(SEED + bytes.length);
  const below = (bound: number) => random.nextUint32() % bound;
  for (let length = 0; length < Math.min(bytes.length, 64); length++) {
    yield bytes.slice(0, length);
  }
  for (let i = 0; i < 20 && bytes.length > 0; i++) yield bytes.slice(0, below(bytes.length));
  yield Uint8Array.of(...bytes, 0);
  yield Uint8Array.of(...bytes, ...bytes);
  // Runs of other seeds flip the others.
  for (let bit = SEED % 5; bit < Math.min(8 * bytes.length, 512); bit += 5) {
    yield flipped(bytes, bit);
  }
  for (let i = 0; i < 60 && bytes.length > 0; i++) yield flipped(bytes, below(8 * bytes.length));
  for (let i = 0; i < 100; i++) {
    const damaged = bytes.slice();
    const header = Math.min(bytes.length, 48);
    for (let n = 0; n <= below(4); n++) damaged[below(Math.max(1, header))] = EXTREMES[below(6)]!;
    yield damaged;
  }
  for (let i = 0; i < 50; i++) yield Uint8Array.from({ length: below(200) }, () => below(256));
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

function expectToldOrValid(row: SketchContract<unknown>, bytes: Uint8Array): void {
  const before = allocated();
  const sketch = readOrTold(row, bytes);
  if (allocated() - before > MOST_ALLOCATED) throw failure(bytes, 'allocates too much');
  if (sketch === null) return;
  try {
    row.answers(sketch);
    const written = row.bytes(sketch);
    if (row.isCanonical) expectSame(Buffer.from(written), Buffer.from(bytes));
    const read = row.read(written);
    expectSame(row.answers(read), row.answers(sketch));
    feed([{ row, sketch }], Float64Array.of(1, 2, 3));
    row.answers(sketch);
    row.read(row.bytes(sketch));
  } catch (error) {
    throw failure(bytes, error);
  }
}

/** Null where the damage is told. */
function readOrTold(row: SketchContract<unknown>, bytes: Uint8Array): unknown {
  try {
    return row.read(bytes);
  } catch (error) {
    if (error instanceof CorruptSketchError) return null;
    throw failure(bytes, error);
  }
}

/** Bytes of all buffers. `process.memoryUsage()` says the same, but asks the system for more, which takes 25 times longer. */
const allocated = () => getHeapStatistics().external_memory;

const failure = (bytes: Uint8Array, cause: unknown) =>
  new Error(`of bytes ${Buffer.from(bytes.subarray(0, 400)).toString('base64')}: ${cause}`, {
    cause,
  });
