import { SeededRandom } from '../../core/index.js';
import { DATA_SKETCHES_SEED, hashLong } from '../value-hash.js';
import type { SketchContract } from './contract-testing.js';
import type { Stream } from './stream-testing.js';

/** A sketch that keeps a contract. */
export interface Fed {
  readonly row: SketchContract<unknown>;
  readonly sketch: unknown;
}

const PARTS = 6;
const CHUNK = 4096;
const HASHES = Array.from({ length: CHUNK }, () => new Uint32Array(4));

/** Adds numbers [from, to) of a stream to each of some sketches; each number is hashed once for all of them. */
export function feed(
  fed: readonly Fed[],
  values: Float64Array,
  from = 0,
  to = values.length,
): void {
  for (let start = from; start < to; start += CHUNK) {
    const count = Math.min(CHUNK, to - start);
    for (let i = 0; i < count; i++) hashLong(values[start + i]!, DATA_SKETCHES_SEED, HASHES[i]!);
    for (const { row, sketch } of fed) {
      for (let i = 0; i < count; i++) row.update(sketch, values[start + i]!, HASHES[i]!);
    }
  }
}

/** The sketches of a stream. */
export function inOne(rows: readonly SketchContract<unknown>[], stream: Stream): Fed[] {
  const fed = rows.map((row) => ({ row, sketch: row.make(stream.seed, stream.length) }));
  feed(fed, stream.values);
  return fed;
}

/** The sketches of a stream that was cut into parts, which were merged in any order and grouping. */
export function inParts(rows: readonly SketchContract<unknown>[], stream: Stream): Fed[] {
  const { values, seed, length } = stream;
  const random = new SeededRandom(seed);
  const cuts = [0, length];
  for (let i = 2; i <= PARTS; i++) cuts.push(random.nextUint32() % (length + 1));
  cuts.sort((a, b) => a - b);
  const parts = cuts.slice(1).map((end, i) => {
    const fed = rows.map((row) => ({ row, sketch: row.make(seed + i, length) }));
    feed(fed, values, cuts[i], end);
    return fed;
  });
  while (parts.length > 1) {
    const [source] = parts.splice(random.nextUint32() % parts.length, 1);
    const target = parts[random.nextUint32() % parts.length]!;
    for (const [i, { row, sketch }] of target.entries()) row.merge!(sketch, source![i]!.sketch);
  }
  return parts[0]!;
}
