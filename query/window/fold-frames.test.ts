import { expect, test } from 'vitest';
import { atOnce, Pace } from '../../core/index.js';
import { parseAggregator, type Value } from '../../model/index.js';
import { foldFrames } from './fold-frames.js';
import { boundsOf, readFrame } from './frame.js';
import { type WindowColumn, WindowRows } from './window-rows.js';

const ROW_COUNT = 2_000;
const pace = () => new Pace();

/** Numbers in two partitions, and every seventh a null. */
const numbers = Array.from({ length: ROW_COUNT }, (_, i) => (i % 7 === 6 ? null : (i * 37) % 101));
const column: WindowColumn = { name: 'n', type: 'LONG', values: numbers };
const rows = new WindowRows(
  new Map([['n', column]]),
  ROW_COUNT,
  Uint32Array.from(numbers, (_, i) => i),
  Uint32Array.of(0, 300, ROW_COUNT),
);

const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;

/** Aggregators whose states are numbers, small objects, and objects that may be large. */
const AGGREGATORS = [
  {
    spec: { type: 'longSum', name: 's', fieldName: 'n' },
    of: (values: readonly number[]) =>
      values.length === 0 ? null : values.reduce((a, b) => a + b, 0),
  },
  { spec: { type: 'doubleMean', name: 's', fieldName: 'n' }, of: mean },
  {
    spec: { type: 'thetaSketch', name: 's', fieldName: 'n' },
    of: (values: readonly number[]) => new Set(values).size,
  },
  // Tells the order of rows.
  {
    spec: {
      type: 'expression',
      name: 's',
      fields: ['n'],
      initialValue: "''",
      fold: "concat(__acc, n, ',')",
      combine: 'concat(__acc, s)',
      shouldAggregateNullInputs: false,
      maxSizeBytes: 100_000,
    },
    of: (values: readonly number[]) =>
      values.length === 0 ? null : values.map((value) => `${value},`).join(''),
  },
];

const FRAMES = [
  { type: 'rows', lowerOffset: -700, upperOffset: -20 },
  { type: 'rows', lowerOffset: -600, upperOffset: 600 },
  { type: 'rows', lowerOffset: 5, upperOffset: null },
  { type: 'rows', lowerOffset: -3, upperOffset: 3 },
  { type: 'rows', lowerOffset: null, upperOffset: 0 },
];

test.each(FRAMES.flatMap((frame) => AGGREGATORS.map(({ spec, of }) => ({ frame, spec, of }))))(
  '$spec.type over $frame',
  async ({ frame, spec, of }) => {
    const aggregator = parseAggregator(spec, 'aggregations');
    const bounds = atOnce(boundsOf(readFrame(frame, 'frame'), rows, 'frame', pace()));
    const { values } = atOnce(foldFrames(aggregator, rows, bounds, pace()));
    const wanted = numbers.map((_, at): Value => {
      const [from, to] = at < 300 ? [0, 300] : [300, ROW_COUNT];
      const first = frame.lowerOffset === null ? from : Math.max(from, at + frame.lowerOffset);
      const end = frame.upperOffset === null ? to : Math.min(to, at + frame.upperOffset + 1);
      return of(numbers.slice(first, Math.max(first, end)).filter((value) => value !== null));
    });
    for (const [at, value] of wanted.entries()) {
      if (typeof value === 'number') expect(values[at]).toBeCloseTo(value, 9);
      else expect(values[at]).toBe(value);
    }
  },
);

test('values that are sketches are those of their own rows', async () => {
  const sketches = { type: 'thetaSketch', name: 's', fieldName: 'n', shouldFinalize: false };
  const aggregator = parseAggregator(sketches, 'aggregations');
  const estimates = parseAggregator({ ...sketches, shouldFinalize: true }, 'aggregations');
  const frame = readFrame({ type: 'rows', lowerOffset: null, upperOffset: 0 }, 'frame');
  const bounds = atOnce(boundsOf(frame, rows, 'frame', pace()));
  const { values } = atOnce(foldFrames(aggregator, rows, bounds, pace()));
  for (const at of [0, 5, 299, 300, 350, ROW_COUNT - 1]) {
    const own = numbers.slice(at < 300 ? 0 : 300, at + 1).filter((value) => value !== null);
    expect(estimates.finalise(values[at]!)).toBe(new Set(own).size);
  }
});
