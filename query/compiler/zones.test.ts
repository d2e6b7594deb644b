import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assertReaching } from '../../core/testing.js';
import { type Filter, parseFilter, TRUE } from '../../model/index.js';
import { Columns } from './columns.js';
import { openRows } from './data-testing.js';
import { lowerFilter } from './filters.js';
import { passingZones } from './zones.js';

const ROW_COUNT = 20_000;
const STEP = 2 ** 36;

/** What is close in time is close in number: by one byte, by two, four and eight. */
const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: i,
  n8: Math.floor(i / 1000),
  n16: i * 2 + (i % 3),
  n32: i * 100_000 + (i % 7),
  n64: i * STEP,
  s300: `v${String(Math.floor(i / 100)).padStart(4, '0')}`,
}));
const data = openRows(ROWS);
const columns = new Columns(data.segment, []);

const row = fc.nat(ROW_COUNT - 1);
const column = fc.constantFrom('n8', 'n16', 'n32', 'n64', 's300');

/** From the value of one row to that of another; some come out empty. */
const bound = fc.record({ column, from: row, to: row }).map(({ column: dimension, from, to }) => ({
  type: 'bound',
  dimension,
  lower: String(ROWS[from]![dimension as keyof (typeof ROWS)[0]]),
  upper: String(ROWS[to]![dimension as keyof (typeof ROWS)[0]]),
  ordering: dimension === 's300' ? 'lexicographic' : 'numeric',
}));
const equality = fc.record({ column, at: row }).map(({ column: dimension, at }) => ({
  type: 'selector',
  dimension,
  value: String(ROWS[at]![dimension as keyof (typeof ROWS)[0]]),
}));
const leaf = fc.oneof(bound, equality);
const filter = fc.oneof(
  leaf,
  fc.record({
    type: fc.constantFrom('and', 'or'),
    fields: fc.array(leaf, { minLength: 1, maxLength: 3 }),
  }),
  leaf.map((field) => ({ type: 'not', field })),
);

function passing(parsed: Filter): number[] {
  const cursor = data.segment.cursor();
  const predicate = parsed.predicate(cursor);
  return ROWS.flatMap((_, i) => {
    cursor.row = i;
    return predicate() === TRUE ? [i] : [];
  });
}

it('leaves out no row that passes', async () => {
  let skipped = 0;
  await assertReaching(
    fc.property(filter, row, row, (json, a, b) => {
      const parsed = parseFilter(json, 'filter');
      const test = lowerFilter(columns, parsed, TRUE)!;
      const range = { from: Math.min(a, b), to: Math.max(a, b) };
      const zones = [...passingZones(data.segment, test, range)];
      const kept = zones.reduce((sum, { from, to }) => sum + to - from, 0);
      skipped += range.to - range.from - kept;
      for (const [i, zone] of zones.entries()) {
        expect(zone.from).toBeGreaterThanOrEqual(i === 0 ? range.from : zones[i - 1]!.to);
        expect(zone.to).toBeLessThanOrEqual(range.to);
      }
      const lost = passing(parsed).filter(
        (each) =>
          each >= range.from &&
          each < range.to &&
          !zones.some(({ from, to }) => from <= each && each < to),
      );
      expect(lost).toEqual([]);
    }),
    100,
    () => {
      expect(skipped).toBeGreaterThan(0);
    },
  );
});

it('looks at a zone or two for one number', () => {
  for (const dimension of ['n8', 'n16', 'n32', 'n64', 's300'] as const) {
    const json = { type: 'selector', dimension, value: String(ROWS[9000]![dimension]) };
    const test = lowerFilter(columns, parseFilter(json, 'filter'), TRUE)!;
    const zones = [...passingZones(data.segment, test, { from: 0, to: ROW_COUNT })];
    expect(zones.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThanOrEqual(2 * 4096);
  }
});
