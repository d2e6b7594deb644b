import { mix, salt } from '../query/random.js';

/** What clients of a dashboard over the events ask: each panel for one of the countries, so that the same question comes again and again. */
const COUNTRIES = 40;

const PANELS: readonly ((country: string) => string)[] = [
  (country) =>
    `SELECT DATE_TRUNC('hour', __time) AS at, COUNT(*) AS requests, SUM(sent) AS bytes FROM events
      WHERE country = ${country} AND __time >= TIMESTAMP '2026-01-24 00:00:00' GROUP BY 1 ORDER BY 1`,
  (country) =>
    `SELECT device, status, COUNT(*) AS requests, MAX(ms) AS slowest FROM events
      WHERE country = ${country} GROUP BY 1, 2`,
  (country) =>
    `SELECT path, COUNT(*) AS requests FROM events WHERE country = ${country} AND status < 400
      GROUP BY path ORDER BY requests DESC LIMIT 10`,
  (country) =>
    `SELECT APPROX_COUNT_DISTINCT("user") AS users, COUNT(*) AS requests, SUM(sent) AS bytes FROM events
      WHERE country = ${country}`,
];

/** The question at a place of the endless sequence of them. */
export function panelAt(place: number): string {
  const country = mix(place, salt('country asked')) % COUNTRIES;
  return PANELS[place % PANELS.length]!(`'c${String(country).padStart(2, '0')}'`);
}
