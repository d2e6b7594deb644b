import { expect, test } from 'vitest';
import { kindOf, type SketchContract, type SketchKind } from './contract-testing.js';
import { type Fed, inOne, inParts } from './feed-testing.js';
import { Misses } from './misses-testing.js';
import { SKETCHES } from './sketches-testing.js';
import { Stream } from './stream-testing.js';

/**
 * VARVE_SKETCH_SEEDS=1000 makes it a long run: so many streams of 10^3 and 10^5 numbers, a tenth as many of 10^6, a
 * hundredth of 10^7. VARVE_SEED says where seeds begin. `node test/shares.mjs VARVE_SKETCH_SEEDS 1000` gives each core a
 * share of them.
 */
const SEEDS = Number(process.env.VARVE_SKETCH_SEEDS ?? 3);
const FIRST_SEED = (Number(process.env.VARVE_SEED ?? 0) % 2 ** 20) * 11;
const LONG_MS = 3_600_000;

/** Every parameter by itself: each is fed of every seed. */
const EACH = SKETCHES.flatMap(({ rows }) => rows.map((row) => kindOf(row.name, [row])));

/**
 * What is promised of long streams is promised of each kind of sketch: its parameters, such as lgK, take turns at the seeds,
 * and the misses of all of them are counted together, which they may be as no two come from one stream.
 */
const RUNS = [
  { length: 1e3, seeds: SEEDS, kinds: EACH },
  { length: 1e5, seeds: SEEDS, kinds: EACH },
  { length: 1e6, seeds: seedsOf(10), kinds: SKETCHES },
  { length: 1e7, seeds: seedsOf(100), kinds: SKETCHES },
].filter(({ seeds }) => seeds > 0);

/** A part of the seeds, rounded up in a long run, so that shares of it have as many as the whole. */
function seedsOf(part: number): number {
  return SEEDS < 100 ? 0 : Math.ceil(SEEDS / part);
}

/** Every bound holds as often as it should. Where parts can be merged, every other stream comes in parts. */
test.each(RUNS)(
  'errors of $seeds streams of $length',
  ({ length, seeds, kinds }) => {
    const misses = new Misses();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
      const stream = new Stream(seed, length);
      const rows = kinds.map((kind) => turnOf(kind, seed));
      for (const [i, { row, sketch }] of fed(rows, stream).entries()) {
        for (const bound of row.bounds) {
          misses.count(kinds[i]!.name, bound, seed, bound.holds(sketch, stream));
        }
      }
    }
    expect(misses.tooMany()).toEqual([]);
  },
  LONG_MS,
);

/** Each parameter has its turn, in whole and in parts (by odd and even seeds) and at each of five distributions. */
function turnOf({ rows }: SketchKind, seed: number): SketchContract<unknown> {
  return rows[(7 * seed + Math.floor(seed / 10)) % rows.length]!;
}

function fed(rows: readonly SketchContract<unknown>[], stream: Stream): Fed[] {
  const isMerged = (row: SketchContract<unknown>) => row.merge !== null && stream.seed % 2 === 1;
  const [parts, whole] = [rows.filter(isMerged), rows.filter((row) => !isMerged(row))];
  const all = new Map([...inOne(whole, stream), ...inParts(parts, stream)].map((f) => [f.row, f]));
  return rows.map((row) => all.get(row)!);
}
