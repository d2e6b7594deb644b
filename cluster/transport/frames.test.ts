import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CapacityError,
  CorruptBytesError,
  InternalError,
  ResourceLimitError,
  SeededRandom,
  VarveError,
} from '../../core/index.js';
import { draws, SEED } from '../../core/testing.js';
import { bodyOf, errorBody, MAX_FRAME_BYTES, packMessage, readBody } from './frames.js';
import type { Frames } from './types.js';

async function bytesOf(pieces: Frames): Promise<Buffer> {
  const held: Uint8Array[] = [];
  for await (const piece of pieces) held.push(piece);
  return Buffer.concat(held);
}

async function readAll(pieces: Frames, maxBytes = 1e9): Promise<[unknown, number[][]]> {
  const { message, frames } = await readBody(pieces, maxBytes);
  const held: number[][] = [];
  for await (const frame of frames) held.push([...frame]);
  return [message, held];
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : sizes[i % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

test('a body is read as it was written, however it is cut into pieces', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 6 }),
      sizes,
      async (frames, cuts) => {
        const bytes = await bytesOf(bodyOf({ message: { n: frames.length }, frames }));
        expect(await readAll(cut(bytes, cuts))).toEqual([
          { n: frames.length },
          frames.map((frame) => [...frame]),
        ]);
      },
    ),
    { numRuns: draws(200), seed: SEED },
  );
});

test('large frames are not copied, small ones go with their head', async () => {
  const large = new Uint8Array(100_000);
  const pieces: Uint8Array[] = [];
  for await (const piece of bodyOf({ message: 1, frames: [large, new Uint8Array(10)] }))
    pieces.push(piece);
  expect(pieces.map(({ length }) => length)).toEqual([6, 5, 100_000, 15, 5]);
  expect(pieces[2]).toBe(large);
});

test('an error in the middle comes out typed, after the frames before it', async () => {
  const seen: number[] = [];
  const failing = (function* () {
    yield Uint8Array.of(7);
    throw new CapacityError('full', 250);
  })();
  const { frames } = await readBody(bodyOf({ message: 0, frames: failing }), 1e6);
  const reading = (async () => {
    for await (const frame of frames) seen.push(...frame);
  })();
  await expect(reading).rejects.toMatchObject({ family: 'capacity', retryAfterMs: 250 });
  expect(seen).toEqual([7]);
  await expect(readBody(errorBody(new Error('bug')), 1e6)).rejects.toThrow(InternalError);
});

test('every body that breaks off is refused', async () => {
  const bytes = await bytesOf(bodyOf({ message: 'm', frames: [Uint8Array.of(1, 2, 3)] }));
  for (let length = 0; length < bytes.length; length++) {
    await expect(readAll([bytes.subarray(0, length)])).rejects.toThrow(CorruptBytesError);
  }
  await expect(readAll([bytes, Uint8Array.of(0)])).rejects.toThrow(CorruptBytesError);
});

test('beyond its limit it is refused before all of it is read', async () => {
  let asked = 0;
  const endless = (function* () {
    for (;;) {
      asked++;
      yield new Uint8Array(1000);
    }
  })();
  const reading = readAll(bodyOf({ message: 0, frames: endless }), 10_000);
  await expect(reading).rejects.toThrow(ResourceLimitError);
  expect(asked).toBeLessThan(15);
  await expect(readAll([Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff)])).rejects.toThrow(
    ResourceLimitError,
  );
});

test('what cannot be packed becomes an error of the body', async () => {
  await expect(readAll(bodyOf({ message: new Map() }))).rejects.toThrow(
    'a message cannot hold a Map',
  );
  const badError = Uint8Array.from([4, 1, 0, 0, 0, 0xc0]);
  await expect(readAll([badError])).rejects.toThrow(InternalError);
});

test('a frame beyond the limit is refused by who sends it', async () => {
  const frames = [new Uint8Array(MAX_FRAME_BYTES + 1)];
  await expect(readAll(bodyOf({ message: 1, frames }))).rejects.toThrow(/a frame of .* at most/);
});

test('random bytes give a typed error', async () => {
  const random = new SeededRandom(SEED);
  const whole = await bytesOf(bodyOf({ message: { a: 1 }, frames: [packMessage('x')] }));
  for (let i = 0; i < draws(3000); i++) {
    const bytes = whole.slice();
    for (let n = random.nextUint32() % 4; n >= 0; n--) {
      bytes[random.nextUint32() % bytes.length] = random.nextUint32();
    }
    await readAll([bytes]).catch((error: unknown) => expect(error).toBeInstanceOf(VarveError));
  }
});
