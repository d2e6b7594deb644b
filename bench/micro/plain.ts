import { crc32c, murmur3Of, utf8Decode, utf8Encode } from '../../core/index.js';
import { parseGranularity, parseInstant } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import { HyperLogLog } from '../../sketches/index.js';
import { expectClose, expectEqual, type Micro } from './micro.js';
import { type ColumnName, ROW_COUNT, valuesOf } from './segment.js';

const MEGABYTE = new Uint8Array(1 << 20).map((_, i) => (i * 31) & 0xff);
const TEXTS = Array.from({ length: 1_000 }, (_, i) => `user-${i * 7919}`);
const ENCODED = TEXTS.map((text) => utf8Encode(text));
const HOURS = Float64Array.from({ length: 1_000 }, (_, i) => Date.UTC(2024, 2, 1) + i * 3_600_000);
const INSTANT = '2024-03-01T12:30:00.250Z';

/** What is not done by kernels. */
export function plainBenches(segment: Segment): Micro[] {
  return [
    {
      name: 'CRC-32C',
      unit: 'byte',
      units: MEGABYTE.length,
      check: () => expectEqual('CRC-32C', crc32c(utf8Encode('123456789')), 0xe3069283),
      run: () => void crc32c(MEGABYTE),
    },
    {
      name: 'MurmurHash3',
      unit: 'text',
      units: TEXTS.length,
      check: () => expectEqual('MurmurHash3', new Set(TEXTS.map(hashOf)).size, TEXTS.length),
      run: () => TEXTS.forEach(hashOf),
    },
    {
      name: 'HyperLogLog',
      unit: 'text',
      units: TEXTS.length,
      check: () => expectClose('HyperLogLog', estimate(), TEXTS.length, 0.1),
      run: () => void estimate(),
    },
    ...['UTC', 'America/New_York'].map(dayBench),
    {
      name: 'instant of ISO text',
      unit: 'text',
      units: 1,
      check: () =>
        expectEqual('instant', parseInstant(INSTANT), Date.UTC(2024, 2, 1, 12, 30, 0, 250)),
      run: () => void parseInstant(INSTANT),
    },
    {
      name: 'UTF-8 to text',
      unit: 'text',
      units: TEXTS.length,
      check: () => expectEqual('UTF-8', ENCODED.map(utf8Decode).join(), TEXTS.join()),
      run: () => void ENCODED.map(utf8Decode),
    },
    readBench(segment, 'LONG, 2 bytes', 'u16'),
    readBench(segment, 'LONG, 8 bytes', 'i64'),
    readBench(segment, 'text of 50', 'few'),
  ];
}

const HASH = new Uint32Array(4);

function hashOf(text: string): number {
  murmur3Of(text, 0, HASH);
  return HASH[0]!;
}

function estimate(): number {
  const sketch = new HyperLogLog();
  for (const text of TEXTS) sketch.addText(text);
  return sketch.estimate();
}

/** Start of the day in a zone, hour by hour. */
function dayBench(timeZone: string): Micro {
  const name = `start of the day, ${timeZone}`;
  const day = parseGranularity({ type: 'period', period: 'P1D', timeZone }, 'granularity');
  const run = () => HOURS.reduce((_last, time) => day.bucketStart(time), 0);
  const local = (ms: number) => new Date(ms).toLocaleString('en', { timeZone, dateStyle: 'short' });
  return {
    name,
    unit: 'time',
    units: HOURS.length,
    check: () => {
      expectEqual(name, local(run()), local(HOURS.at(-1)!));
      expectEqual(name, local(run() - 1) === local(run()), false);
    },
    run,
  };
}

/** As the interpreter reads, a row at a time. */
function readBench(segment: Segment, what: string, column: ColumnName): Micro {
  const name = `read ${what}`;
  const cursor = segment.cursor();
  const reader = cursor.column(column);
  return {
    name,
    unit: 'row',
    units: ROW_COUNT,
    check() {
      for (const [row, value] of valuesOf(column).entries()) {
        cursor.row = row;
        expectEqual(name, reader.get(), value);
      }
    },
    run() {
      for (let row = 0; row < ROW_COUNT; row++) {
        cursor.row = row;
        reader.get();
      }
    },
  };
}
