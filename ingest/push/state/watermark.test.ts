import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Watermark } from './watermark.js';

interface Step {
  readonly source: string;
  readonly arrivalMs: number;
  readonly maxTimeMs: number;
}

/** By its definition, over everything that ever came. */
function naive(steps: readonly Step[], outOfOrdernessMs: number, idleTimeoutMs: number): number[] {
  let watermarkMs = Number.NEGATIVE_INFINITY;
  return steps.map(({ arrivalMs }, i) => {
    const before = steps.slice(0, i);
    const promises = [...new Set(before.map(({ source }) => source))].flatMap((source) => {
      const own = before.filter((step) => step.source === source);
      // A batch of which no row counts is heard only of a source that is known.
      const first = own.findIndex(({ maxTimeMs }) => Number.isFinite(maxTimeMs));
      if (first < 0) return [];
      const last = own.at(-1)!.arrivalMs;
      if (Math.abs(arrivalMs - last) > idleTimeoutMs) return [];
      return [Math.max(...own.map(({ maxTimeMs }) => maxTimeMs)) - outOfOrdernessMs];
    });
    if (promises.length > 0) watermarkMs = Math.max(watermarkMs, Math.min(...promises));
    return watermarkMs;
  });
}

const step = fc.record({
  source: fc.constantFrom('', 'a', 'b', 'c'),
  arrivalMs: fc.integer({ min: -5, max: 60 }),
  maxTimeMs: fc.oneof(fc.integer({ min: -100, max: 100 }), fc.constant(Number.NEGATIVE_INFINITY)),
});

test('the watermark is the least promise of the active sources and never goes back', () => {
  fc.assert(
    fc.property(fc.array(step), fc.nat(20), fc.nat(20), fc.nat(), (steps, order, idle, cut) => {
      const settings = { outOfOrdernessMs: order, idleTimeoutMs: idle };
      let watermark = new Watermark();
      const found = steps.map(({ source, arrivalMs, maxTimeMs }, i) => {
        const valueMs = watermark.advance(arrivalMs, settings);
        watermark.observe(source, maxTimeMs, arrivalMs);
        if (i === cut % (steps.length + 1)) watermark = Watermark.unpack(watermark.pack());
        return valueMs;
      });
      expect(found).toEqual(naive(steps, order, idle));
    }),
    { numRuns: 1_000 },
  );
});

test('of too many sources the one that was silent for the longest leaves', () => {
  const watermark = new Watermark();
  for (let i = 0; i < 1_001; i++) watermark.observe(`s${i}`, i, i);
  const settings = { outOfOrdernessMs: 0, idleTimeoutMs: 10_000 };
  expect(watermark.advance(1_000, settings)).toBe(1);
  expect(watermark.pack()[1].length).toBe(1_000);
});
