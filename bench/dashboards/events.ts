import type { DataSet } from '../query/data-set.js';
import { below, mix, oneOf, salt, unit, zipf } from '../query/random.js';

/** As many users, all alike: one of them has a hundred-thousandth of the rows. */
export const USERS = 100_000;

const COUNTRIES = Array.from({ length: 40 }, (_, i) => `c${String(i).padStart(2, '0')}`);
const DEVICES = ['phone', 'desktop', 'tablet', 'tv', 'other'];
const STATUSES = [200, 304, 404, 500];

/** Requests of many users in 30 days. A user has one country, as most have. */
export const EVENTS: DataSet = {
  name: 'events',
  ranks: {
    user_rank: below(USERS, 'user'),
    status_rank: zipf(STATUSES.length, 'status'),
  },
  time: `TIMESTAMP '2026-01-01 00:00:00' + to_milliseconds((row * (30 * 86400000.0 / n))::BIGINT)`,
  columns: [
    { name: 'user', type: 'varchar', sql: `'user-' || lpad(user_rank::VARCHAR, 6, '0')` },
    {
      name: 'country',
      type: 'varchar',
      few: true,
      sql: oneOf(COUNTRIES, below(COUNTRIES.length, 'country', 'user_rank')),
    },
    { name: 'device', type: 'varchar', few: true, sql: oneOf(DEVICES, zipf(5, 'device')) },
    { name: 'path', type: 'varchar', sql: `'/p/' || ${zipf(5000, 'path')}` },
    {
      name: 'status',
      type: 'integer',
      sql: `[${STATUSES.join(', ')}][1 + status_rank]`,
    },
    { name: 'sent', type: 'integer', sql: `floor(pow(100000, ${unit('sent')}))` },
    { name: 'ms', type: 'double', sql: `round(pow(1000, ${unit('ms')}), 3)` },
  ],
  segmentGranularity: 'DAY',
  clickhouseOrder: 'country, device, __time',
  queries: [],
};

/** One panel: a question about one user, with two or three conditions. */
export interface Panel {
  readonly id: string;
  /** The same text for every engine. */
  sql(user: number): string;
}

const userOf = (user: number): string => `'user-${String(user).padStart(6, '0')}'`;
const countryOf = (user: number): string =>
  `'${COUNTRIES[mix(user, salt('country')) % COUNTRIES.length]}'`;

export const PANELS: readonly Panel[] = [
  {
    id: 'totals: user and device',
    sql: (user) =>
      `SELECT COUNT(*) AS requests, SUM(sent) AS bytes, MAX(ms) AS slowest FROM events
        WHERE "user" = ${userOf(user)} AND device = 'phone'`,
  },
  {
    id: 'by day: user, country and status',
    sql: (user) =>
      `SELECT DATE_TRUNC('day', __time) AS at, COUNT(*) AS requests, SUM(sent) AS bytes FROM events
        WHERE "user" = ${userOf(user)} AND country = ${countryOf(user)} AND status < 400 GROUP BY 1 ORDER BY 1`,
  },
  {
    id: 'paths: user, device and half the time',
    sql: (user) =>
      `SELECT path, COUNT(*) AS requests, SUM(sent) AS bytes FROM events
        WHERE "user" = ${userOf(user)} AND device <> 'tv' AND __time >= TIMESTAMP '2026-01-16 00:00:00'
        GROUP BY path ORDER BY requests DESC, path LIMIT 5`,
  },
];

/** The question that is asked at a place of the endless sequence of them. */
export function requestAt(place: number): { readonly panel: number; readonly sql: string } {
  const panel = place % PANELS.length;
  const user = mix(place, salt('asked')) % USERS;
  return { panel, sql: PANELS[panel]!.sql(user) };
}
