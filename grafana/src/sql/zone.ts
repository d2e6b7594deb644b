/** Local time of IANA zones, by what Intl knows of them. */

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const number = 'numeric';
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, hourCycle: 'h23', year: number, month: number, day: number },
      ...{ hour: number, minute: number, second: number },
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** The time on the wall at an instant, in milliseconds as if the wall hung in Greenwich. */
export function wallOf(instantMs: number, timeZone: string): number {
  const parts = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatOf(timeZone).formatToParts(instantMs)) {
    if (type in parts) parts[type as keyof typeof parts] = Number(value);
  }
  const { year, month, day, hour, minute, second } = parts;
  const millisecond = ((instantMs % 1_000) + 1_000) % 1_000;
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
}

/** The first instant of a local day: midnight, or the end of the gap if the clock skips midnight. */
export function dayStart(wallMidnightMs: number, timeZone: string): number {
  // Clocks are not changed twice within two days: one of the offsets of the days around is in force.
  const at = (shift: number) => {
    const near = wallMidnightMs + shift;
    return wallMidnightMs - (wallOf(near, timeZone) - near);
  };
  const [before, after] = [at(-DAY_MS), at(DAY_MS)];
  if (before === after) return before;
  const exact = [before, after].filter((instant) => wallOf(instant, timeZone) === wallMidnightMs);
  return exact.length > 0 ? Math.min(...exact) : Math.max(before, after);
}
