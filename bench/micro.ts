/**
 * Micro-benchmarks of what hot paths are made of, each with its answer checked before it is timed:
 * `npm run bench:micro [-- part of a name]`. Results go to bench/results/ as JSON.
 *
 * Kernels run in this thread over one segment, through the compiler's own entry: setting one up and
 * taking its groups out is part of what is timed.
 */
import b from 'benny';
import {
  distinctBenches,
  filterBenches,
  groupBenches,
  mergeBench,
  sumBenches,
} from './micro/kernels.js';
import type { Micro } from './micro/micro.js';
import { plainBenches } from './micro/plain.js';
import { benchSegment } from './micro/segment.js';
import { textSearchBench } from './micro/text-search.js';

const SECONDS_EACH = 1;
const wanted = process.argv[2] ?? '';

const segment = benchSegment();
const benches = [
  ...filterBenches(segment),
  ...sumBenches(segment),
  ...groupBenches(segment),
  mergeBench(segment),
  ...distinctBenches(segment),
  textSearchBench(),
  ...plainBenches(segment),
].filter(({ name }) => name.includes(wanted));
for (const bench of benches) bench.check();

const byName = new Map(benches.map((bench) => [bench.name, bench]));
const width = Math.max(...benches.map(({ name }) => name.length));

function speed({ unit, units }: Micro, seconds: number): string {
  return unit === 'byte'
    ? `${(units / seconds / 1e9).toFixed(2).padStart(9)} GB/s`
    : `${((1e9 * seconds) / units).toFixed(2).padStart(9)} ns per ${unit}`;
}

await b.suite(
  'micro',
  ...benches.map(({ name, run }) => b.add(name, () => run(), { maxTime: SECONDS_EACH })),
  // A line that is returned would take the place of the one before it.
  b.cycle(({ name, details }) => {
    console.log(`${name.padEnd(width)} ${speed(byName.get(name)!, details.median)}`);
  }),
  b.save({ file: 'micro', folder: 'bench/results', details: true }),
);
