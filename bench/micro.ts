/**
 * Micro-benchmarks of what hot paths are made of, each with its answer checked before it is timed:
 * `npm run bench:micro`. Results go to bench/results/ as JSON.
 */
import b from 'benny';
import { crc32c, murmur3Of } from '../core/index.js';
import { parseGranularity, parseInstant } from '../model/index.js';
import { HyperLogLog } from '../sketches/index.js';

const MEGABYTE = new Uint8Array(1 << 20).map((_, i) => (i * 31) & 0xff);
const TEXTS = Array.from({ length: 1_000 }, (_, i) => `user-${i * 7919}`);
const HOURS = Float64Array.from({ length: 1_000 }, (_, i) => Date.UTC(2024, 2, 1) + i * 3_600_000);

/** Throws when a benchmark does not do what it is called after. */
function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`${what}: wrong answer, not timed`);
}

function hashAll(): number {
  const hash = new Uint32Array(4);
  let bits = 0;
  for (const text of TEXTS) {
    murmur3Of(text, 0, hash);
    bits ^= hash[0]!;
  }
  return bits;
}

function estimateAll(): number {
  const sketch = new HyperLogLog();
  for (const text of TEXTS) sketch.addText(text);
  return sketch.estimate();
}

/** Start of the day in the zone of each hour. */
function floorAll(timeZone: string): () => number {
  const day = parseGranularity({ type: 'period', period: 'P1D', timeZone }, 'granularity');
  return () => {
    let last = 0;
    for (const time of HOURS) last = day.bucketStart(time);
    return last;
  };
}

check(crc32c(new TextEncoder().encode('123456789')) === 0xe3069283, 'crc32c');
check(hashAll() !== 0, 'murmur3');
check(Math.abs(estimateAll() / TEXTS.length - 1) < 0.1, 'HyperLogLog');
check(floorAll('UTC')() === Math.floor(HOURS.at(-1)! / 86_400_000) * 86_400_000, 'day in UTC');
check(parseInstant('2024-03-01T12:30:00.250Z') === Date.UTC(2024, 2, 1, 12, 30, 0, 250), 'instant');

/** Nanoseconds per unit from runs per second. */
const perUnit = (ops: number, units: number): string => (1e9 / ops / units).toFixed(2);

const UNITS: Readonly<Record<string, number>> = {
  'crc32c, per byte': MEGABYTE.length,
  'murmur3, per text': TEXTS.length,
  'HyperLogLog, per text': TEXTS.length,
  'day in UTC, per time': HOURS.length,
  'day in New York, per time': HOURS.length,
  'ISO instant, per text': 1,
};

await b.suite(
  'micro',
  b.add('crc32c, per byte', () => void crc32c(MEGABYTE)),
  b.add('murmur3, per text', () => void hashAll()),
  b.add('HyperLogLog, per text', () => void estimateAll()),
  b.add('day in UTC, per time', () => floorAll('UTC')),
  b.add('day in New York, per time', () => floorAll('America/New_York')),
  b.add('ISO instant, per text', () => void parseInstant('2024-03-01T12:30:00.250Z')),
  b.cycle(({ name, ops }) => `${name}: ${perUnit(ops, UNITS[name] ?? 1)} ns`),
  b.save({ file: 'micro', folder: 'bench/results', details: true }),
);
