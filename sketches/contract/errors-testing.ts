import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/index.js';
import { type Bound, type Fed, feed, type SketchContract } from './contract-testing.js';
import { Stream } from './stream-testing.js';

/**
 * VARVE_SKETCH_SEEDS=1000 makes it a long run: so many streams of 10^3 and 10^5 numbers, a tenth as many of 10^6, a
 * hundredth of 10^7. VARVE_SEED says where seeds begin.
 */
const SEEDS = Number(process.env.VARVE_SKETCH_SEEDS ?? 5);
const FIRST_SEED = (Number(process.env.VARVE_SEED ?? 0) % 2 ** 20) * 10;
const RUNS = [
  { length: 1e3, seeds: SEEDS },
  { length: 1e5, seeds: SEEDS },
  { length: 1e6, seeds: Math.floor(SEEDS / 10) },
  { length: 1e7, seeds: Math.floor(SEEDS / 100) },
].filter(({ seeds }) => seeds > 0);
const LONG_MS = 3_600_000;

/** Every bound of every row holds as often as it should. Where parts can be merged, every other stream comes in parts. */
export function checkErrors(rows: readonly SketchContract<unknown>[]): void {
  test.each(RUNS)(
    'errors of $seeds streams of $length',
    ({ length, seeds }) => {
      const misses = new Map<Bound<unknown>, number[]>();
      for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
        const stream = new Stream(seed, length);
        for (const { row, sketch } of fed(rows, stream)) {
          for (const bound of row.bounds) {
            if (bound.holds(sketch, stream)) continue;
            misses.set(bound, [...(misses.get(bound) ?? []), seed]);
          }
        }
      }
      expect(rows.flatMap((row) => tooManyMisses(row, misses, seeds))).toEqual([]);
    },
    LONG_MS,
  );
}

function tooManyMisses(
  { name, bounds }: SketchContract<unknown>,
  misses: ReadonlyMap<Bound<unknown>, readonly number[]>,
  runs: number,
): string[] {
  return bounds.flatMap((bound) => {
    const missed = misses.get(bound) ?? [];
    const most = mostMisses(runs, bound.chance);
    if (missed.length <= most) return [];
    return `${name}: ${bound.name}: missed by ${missed.length} of ${runs}, want ${most} at most; seeds ${missed.slice(0, 10)}`;
  });
}

function fed(rows: readonly SketchContract<unknown>[], stream: Stream) {
  const isMerged = (row: SketchContract<unknown>) => row.merge !== null && stream.seed % 2 === 1;
  const whole = rows.filter((row) => !isMerged(row));
  return [...inOne(whole, stream), ...inParts(rows.filter(isMerged), stream)];
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

const PARTS = 6;

/** More misses come less than once in ten million, if each run misses with this chance. */
function mostMisses(runs: number, chance: number): number {
  if (chance === 0) return 0;
  let probability = (1 - chance) ** runs;
  let upTo = probability;
  let most = 0;
  while (1 - upTo > 1e-7 && most < runs) {
    probability *= ((runs - most) / (most + 1)) * (chance / (1 - chance));
    upTo += probability;
    most++;
  }
  return most;
}
