import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../core/index.js';
import { parseInterval } from '../../../model/index.js';
import { SqlEngine } from '../index.js';
import { EMPTY_TABLES, TEST_CATALOG } from '../test-catalog.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2000, 0, 1);

/** A condition on __time as SQL, and what it means. */
interface Condition {
  readonly sql: string;
  holds(timeMs: number): boolean;
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const instant = fc.integer({ min: 0, max: 12 }).map((n) => START + n * 8 * HOUR);
const text = (ms: number): string =>
  `TIMESTAMP '${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}'`;
const floorDay = (ms: number): number => Math.floor(ms / DAY) * DAY;

const operand = fc.constantFrom(
  { sql: '__time', of: (ms: number) => ms },
  { sql: 'CAST(__time AS TIMESTAMP)', of: (ms: number) => ms },
  { sql: 'FLOOR(__time TO DAY)', of: floorDay },
  { sql: 'CAST(__time AS DATE)', of: floorDay },
);

const comparison = fc
  .tuple(operand, fc.constantFrom(...Object.keys(COMPARE)), instant, fc.boolean())
  .map(([{ sql, of }, sign, value, mirrored]): Condition => {
    const compare = COMPARE[sign]!;
    return mirrored
      ? { sql: `${text(value)} ${sign} ${sql}`, holds: (ms) => compare(value, of(ms)) }
      : { sql: `${sql} ${sign} ${text(value)}`, holds: (ms) => compare(of(ms), value) };
  });

const between = fc.tuple(operand, instant, instant).map(
  ([{ sql, of }, low, high]): Condition => ({
    sql: `${sql} BETWEEN ${text(low)} AND ${text(high)}`,
    holds: (ms) => of(ms) >= low && of(ms) <= high,
  }),
);

const among = fc.tuple(instant, instant, fc.boolean()).map(
  ([a, b, negated]): Condition => ({
    sql: `__time ${negated ? 'NOT ' : ''}IN (${text(a)}, ${text(b)})`,
    holds: (ms) => (ms === a || ms === b) !== negated,
  }),
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    comparison,
    between,
    among,
    tie('condition').map((inner) => ({
      sql: `NOT (${inner.sql})`,
      holds: (ms: number) => !inner.holds(ms),
    })),
    fc.tuple(tie('condition'), tie('condition'), fc.boolean()).map(([a, b, and]) => ({
      sql: `(${a.sql} ${and ? 'AND' : 'OR'} ${b.sql})`,
      holds: (ms: number) => (and ? a.holds(ms) && b.holds(ms) : a.holds(ms) || b.holds(ms)),
    })),
  ),
}));

const engine = new SqlEngine({
  engine: { ...EMPTY_TABLES, run: () => Promise.reject(new Error('not run')) },
  catalog: TEST_CATALOG,
  system: { rows: () => [] },
  clock: new ManualClock(0),
});

/** Instants on, just before and just after every eighth hour of a week. */
const SAMPLES = Array.from({ length: 24 }, (_, i) => START + (i - 6) * 8 * HOUR).flatMap((ms) => [
  ms - 1,
  ms,
  ms + 1,
]);

test('conditions on time become exactly the intervals in which they hold', async () => {
  await fc.assert(
    fc.asyncProperty(condition, async ({ sql, holds }) => {
      const { plans } = await engine.explain({ query: `SELECT COUNT(*) FROM foo WHERE ${sql}` });
      const query = plans[0]!.query as { filter?: unknown; intervals: { intervals: string[] } };
      expect(query.filter).toBeUndefined();
      const intervals = query.intervals.intervals.map((interval) => parseInterval(interval));
      for (const ms of SAMPLES) {
        const inside = intervals.some(({ startMs, endMs }) => startMs <= ms && ms < endMs);
        expect({ ms, inside }).toEqual({ ms, inside: holds(ms) });
      }
    }),
    { numRuns: 300 },
  );
});
