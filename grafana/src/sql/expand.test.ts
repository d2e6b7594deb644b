import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandMacros } from './expand.js';
import { MACROS, type MacroScope } from './macros.js';

const scope: MacroScope = {
  fromMs: Date.UTC(2020, 0, 1, 0, 0, 0, 123),
  toMs: Date.UTC(2020, 0, 2),
  interval: '30s',
  intervalMs: 30_000,
  timeZone: 'UTC',
};
const expand = (sql: string, changes: Partial<MacroScope> = {}) =>
  expandMacros(sql, { ...scope, ...changes }).sql;

const FROM = "TIMESTAMP '2020-01-01 00:00:00.123'";
const TO = "TIMESTAMP '2020-01-02 00:00:00.000'";

describe('expandMacros', () => {
  test.each([
    ['$__timeFilter(t)', `(t >= ${FROM} AND t < ${TO})`],
    ['$__timeFilter()', `(__time >= ${FROM} AND __time < ${TO})`],
    ['$__timeFilter', `(__time >= ${FROM} AND __time < ${TO})`],
    ['NOT $__timeFilter("a ""b"" )")', `NOT ("a ""b"" )" >= ${FROM} AND "a ""b"" )" < ${TO})`],
    ['$__timeFrom() $__timeTo', `${FROM} ${TO}`],
    ["$__timeGroup(__time, '5m')", "TIME_FLOOR(__time, 'PT5M')"],
    ['$__timeGroup(__time,1h)', "TIME_FLOOR(__time, 'PT1H')"],
    ['$__timeGroup(__time, "1d")', "TIME_FLOOR(__time, 'P1D')"],
    ['$__timeGroup(__time, 1w, NULL)', "TIME_FLOOR(__time, 'P1W')"],
    ['$__timeGroup(__time, $__interval)', "TIME_FLOOR(__time, 'PT30S')"],
    ["$__timeGroup(__time, '$__interval')", "TIME_FLOOR(__time, 'PT30S')"],
    ["$__timeGroup(TIME_SHIFT(t, 'P1D', 1), 3M)", "TIME_FLOOR(TIME_SHIFT(t, 'P1D', 1), 'P3M')"],
    ['$__timeGroupAlias(t, 200ms)', 'TIME_FLOOR(t, \'PT0.2S\') AS "time"'],
    ['$__time(t)', 't AS "time"'],
    ['$__interval / $__interval_ms', '30s / 30000'],
    ['$__unixEpochFilter(s)', '(s >= 1577836800.123 AND s < 1577923200)'],
    ['$__unixEpochFrom() $__unixEpochTo()', '1577836800.123 1577923200'],
    ['$__unixEpochGroupAlias(s, 5m)', 'FLOOR((s) / 300.0) * 300 AS "time"'],
    ['$__unixEpochGroup(s, 500ms)', 'FLOOR((s) / 0.5) * 0.5'],
    ["'$__timeFrom' -- $__nothing", "'$__timeFrom' -- $__nothing"],
  ])('%s', (sql, expected) => expect(expand(sql)).toBe(expected));

  test('groups by the zone of the dashboard', () => {
    expect(expand("$__timeGroup(__time, '1d')", { timeZone: 'Europe/Oslo' })).toBe(
      "TIME_FLOOR(__time, 'P1D', NULL, 'Europe/Oslo')",
    );
  });

  test.each([
    ['$__timeGroup(t, 5m)', null],
    ['$__timeGroup(t, 5m, NULL)', { value: null }],
    ['$__timeGroup(t, 5m, previous)', { value: 'previous' }],
    ['$__timeGroup(t, 5m, -1.5)', { value: -1.5 }],
    ['$__timeGroupAlias(t, 1w, 0)', { value: 0, interval: { count: 1, unit: 'w' } }],
    [
      '$__unixEpochGroup(t, 2h, 0)',
      { value: 0, interval: { count: 2, unit: 'h' }, timeZone: 'UTC' },
    ],
  ])('fill of %s', (sql, expected) => {
    const { fill } = expandMacros(sql, { ...scope, timeZone: 'Asia/Tokyo' });
    if (expected === null) expect(fill).toBeNull();
    else
      expect(fill).toMatchObject({
        ...(sql.includes('time') && { timeZone: 'Asia/Tokyo' }),
        ...expected,
      });
  });

  test.each([
    [
      '$__timeFliter(t)',
      /there is no macro \$__timeFliter; the macros are \$__timeFilter, .*\$__timeGroup/,
    ],
    ['$__constructor()', /no macro/],
    [
      '$__timeGroup(t)',
      /\$__timeGroup\(t\) does not have the arguments it needs; write \$__timeGroup\(column, interval, fill\)/,
    ],
    ['$__timeFilter(a, b)', /write \$__timeFilter\(column\)/],
    ['$__timeGroup(, 5m)', /write/],
    [
      '$__timeGroup(t, 5 minutes)',
      /the interval 5 minutes is not known: write a number and a unit/,
    ],
    ['$__timeGroup(t, 0m)', /the interval 0m/],
    ['$__timeGroup(t, 5m, zero)', /the fill zero is not known: write NULL, previous or a number/],
    ['$__unixEpochGroup(t, 1d)', /up to hours, not 1d/],
    ['$__timeFilter(t', /never closed/],
  ])('refuses %s', (sql, message) => expect(() => expand(sql)).toThrow(message));

  test('the usage of every macro is one that works', () => {
    for (const { usage } of MACROS.values()) {
      const call = usage.replace('column', 't').replace('interval,', '5m,').replace('fill', '0');
      expect(expand(`SELECT ${call}`)).not.toContain('$');
    }
  });
});

test('half-open and exact: a time is in the filter when it is in the range', () => {
  const ms = fc.integer({ min: -6e13, max: 2.5e14 });
  fc.assert(
    fc.property(ms, ms, ms, (a, b, at) => {
      const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)];
      const sql = expand('$__timeFilter(t)', { fromMs, toMs });
      const [from, to] = [...sql.matchAll(/'([^']+)'/g)].map(([, text]) =>
        Date.parse(`${text?.replace(' ', 'T')}Z`),
      );
      expect(at >= from! && at < to!).toBe(at >= fromMs && at < toMs);
      const epoch = expand('$__unixEpochFilter(t)', { fromMs, toMs });
      const [low, high] = [...epoch.matchAll(/(-?[\d.]+)(?= AND|\))/g)].map(([text]) =>
        Number(text),
      );
      expect(at / 1000 >= low! && at / 1000 < high!).toBe(at >= fromMs && at < toMs);
    }),
  );
});
