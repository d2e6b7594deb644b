/** A length of time as Grafana writes it: `30s`, `5m`, `1d`. */
export interface Interval {
  readonly count: number;
  readonly unit: Unit;
}

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'M' | 'y';

/** Milliseconds of the units whose length never changes. */
const FIXED_MS: Partial<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads an interval, perhaps in quotes. Throws an Error that says what to write instead. */
export function parseInterval(text: string): Interval {
  const bare = text.replace(/^(['"])(.*)\1$/, '$2').trim();
  const match = /^([1-9]\d{0,8})(ms|s|m|h|d|w|M|y)$/.exec(bare);
  if (match === null) {
    throw new Error(
      `the interval ${text} is not known: write a number and a unit (ms, s, m, h, d, w, M, y), for example '5m' or $__interval`,
    );
  }
  return { count: Number(match[1]), unit: match[2] as Unit };
}

/** The ISO 8601 period that TIME_FLOOR takes. */
export function periodOf({ count, unit }: Interval): string {
  if (unit === 'ms') return `PT${count / 1_000}S`;
  const letter = unit.toUpperCase();
  return unit in FIXED_MS ? `PT${count}${letter}` : `P${count}${letter}`;
}

/** How long the interval is; null for days, weeks, months and years, which follow the calendar. */
export function fixedMs({ count, unit }: Interval): number | null {
  const unitMs = FIXED_MS[unit];
  return unitMs === undefined ? null : count * unitMs;
}
