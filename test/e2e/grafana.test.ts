import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAnswer } from '../../grafana/src/sql/answer.js';
import { failureText } from '../../grafana/src/sql/failure.js';
import type { Frame } from '../../grafana/src/sql/frames.js';
import { healthText, type Send } from '../../grafana/src/sql/health.js';
import { MACROS, type MacroScope } from '../../grafana/src/sql/macros.js';
import {
  cancelPath,
  type Format,
  frameOf,
  SQL_PATH,
  sqlRequest,
} from '../../grafana/src/sql/request.js';
import { choicesOf, variableText } from '../../grafana/src/sql/variables.js';
import { examplesOf } from '../support/documents.js';
import { REPOSITORY, ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** The Grafana data source, but for the browser: its statements and frames over a real server. */
const dataDir = temporaryDirectory('grafana');
let server: ServerProcess;

/** Flights around the night in which Oslo's clocks go from two to three. */
const ROWS = [
  { date: '2024-03-29T23:30:00Z', origin: 'OSL', destination: 'SEA', delay: 1, distance: 10 },
  { date: '2024-03-30T23:30:00Z', origin: "O'H", destination: 'SEA', delay: 2, distance: 20 },
  { date: '2024-03-31T21:59:59.999Z', origin: 'OSL', destination: 'SEA', delay: 4, distance: 40 },
  { date: '2024-03-31T22:00:00Z', origin: 'OSL', destination: 'JFK', delay: 8, distance: 80 },
  { date: '2024-04-02T10:00:00Z', origin: null, destination: 'JFK', delay: '9223372036854775807' },
];

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir });
  const spec = JSON.parse(readFileSync(join(REPOSITORY, 'examples/flights.json'), 'utf8'));
  const data = ROWS.map((row) => JSON.stringify(row)).join('\n');
  spec.spec.ioConfig.inputSource = { type: 'inline', data };
  spec.spec.ioConfig.inputFormat = { type: 'json' };
  expect(await server.finished(await server.submit(spec))).toBe('SUCCESS');
});
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const OSLO: MacroScope = {
  fromMs: Date.parse('2024-03-29T23:00:00Z'),
  toMs: Date.parse('2024-04-01T22:00:00Z'),
  interval: '6h',
  intervalMs: 6 * 3_600_000,
  timeZone: 'Europe/Oslo',
};

const sendTo =
  (url: string): Send =>
  async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(failureText({ status: response.status, body: text }));
    return text;
  };

async function frame(sql: string, format: Format = 'time_series', scope = OSLO): Promise<Frame> {
  const request = sqlRequest(sql, scope, 'test');
  return frameOf(await sendTo(server.url)('POST', SQL_PATH, request.body), request, format, scope);
}
/** Values by name of the field, times as ISO texts. */
async function values(sql: string, scope = OSLO): Promise<Record<string, unknown[]>> {
  const { fields } = await frame(sql, 'time_series', scope);
  return Object.fromEntries(
    fields.map(({ name, type, values, config }) => [
      config?.displayNameFromDS ?? name,
      type === 'time' ? values.map((ms) => new Date(ms as number).toISOString()) : [...values],
    ]),
  );
}

describe('macros over a real server', () => {
  test('days of the dashboard, each row in its own, gaps filled', async () => {
    const sql =
      'SELECT $__timeGroupAlias(__time, 1d, 0), origin, SUM(delay) AS d FROM flights WHERE $__timeFilter() GROUP BY 1, 2 ORDER BY origin';
    const toMs = Date.parse('2024-04-02T00:00:00Z');
    expect(await values(sql, { ...OSLO, toMs })).toEqual({
      time: ['29T23', '30T23', '31T22']
        .map((day) => `2024-03-${day}:00:00.000Z`)
        .concat('2024-04-01T22:00:00.000Z'),
      OSL: [1, 4, 8, 0],
      "O'H": [0, 2, 0, 0],
    });
  });

  test('the range is half-open', async () => {
    const count = async (fromMs: number, toMs: number) =>
      (
        await values(
          'SELECT $__timeFrom() AS "time", COUNT(*) AS c FROM flights WHERE $__timeFilter(__time)',
          { ...OSLO, fromMs, toMs },
        )
      ).c;
    const at = Date.parse('2024-03-31T21:59:59.999Z');
    expect(await count(at, at + 1)).toEqual([1]);
    expect(await count(at - 1, at)).toEqual([0]);
    expect(await count(at, at)).toEqual([0]);
    expect(await count(at, at + 2)).toEqual([2]);
  });

  test.each(['1h', '6h', '1d', '1w', '1M'])(
    'filling %s adds no bucket beside those of the server',
    async (interval) => {
      const where = 'FROM flights WHERE $__timeFilter() GROUP BY 1';
      const range = { fromMs: Date.parse('2024-03-01'), toMs: Date.parse('2024-05-01') };
      const scope = { ...OSLO, ...range };
      const plain = await values(
        `SELECT $__timeGroup(__time, ${interval}) AS t, COUNT(*) AS c ${where}`,
        scope,
      );
      const full = await values(
        `SELECT $__timeGroup(__time, ${interval}, 0) AS t, COUNT(*) AS c ${where}`,
        scope,
      );
      const counted = full.t?.filter((_, i) => full.c?.[i] !== 0);
      expect(counted).toEqual(plain.t);
      expect(new Set(full.t).size).toBe(full.t?.length);
    },
  );

  test('seconds since 1970', async () => {
    const inner = '(SELECT TIMESTAMP_TO_MILLIS(__time) / 1000 AS s, delay FROM flights)';
    const sql = `SELECT $__unixEpochGroupAlias(s, 1h), SUM(delay) AS d FROM ${inner} WHERE $__unixEpochFilter(s) GROUP BY 1`;
    expect(await values(sql)).toEqual({
      time: ['29T23', '30T23', '31T21', '31T22'].map((hour) => `2024-03-${hour}:00:00.000Z`),
      d: [1, 2, 4, 8],
    });
  });

  test('every macro makes a statement that runs', async () => {
    for (const [name, { usage }] of MACROS) {
      if (name === 'interval') continue;
      const call = usage.replace('column', name.startsWith('unix') ? 'delay' : '__time');
      const sql = call.replace('interval,', '5m,').replace('fill', '0');
      const statement = name.endsWith('Filter')
        ? `SELECT 1 FROM flights WHERE ${sql}`
        : `SELECT ${sql} FROM flights`;
      await frame(statement, 'table');
    }
  });
});

test('a table keeps 64-bit integers exact', async () => {
  const { fields } = await frame('SELECT delay, origin FROM flights ORDER BY __time', 'table');
  expect(fields).toEqual([
    { name: 'delay', type: 'string', values: ['1', '2', '4', '8', '9223372036854775807'] },
    { name: 'origin', type: 'string', values: ['OSL', "O'H", 'OSL', 'OSL', null] },
  ]);
});

test('more rows than wanted are cut off, and said to be', async () => {
  const request = sqlRequest('SELECT delay FROM flights ORDER BY __time', OSLO, 'test', 2);
  const text = await sendTo(server.url)('POST', SQL_PATH, request.body);
  const { fields, notices } = frameOf(text, request, 'table', OSLO);
  expect(fields[0]?.values).toEqual([1, 2]);
  expect(notices).toHaveLength(1);
});

test('variables: choices, and their values in a statement', async () => {
  const request = sqlRequest('SELECT DISTINCT origin FROM flights', OSLO, 'test');
  const text = await sendTo(server.url)('POST', SQL_PATH, request.body);
  const choices = choicesOf(parseAnswer(text)).map(({ value }) => value);
  expect(choices.sort()).toEqual(["O'H", 'OSL']);
  const count = async (list: string[]) => {
    const where = `origin IN (${variableText(list, { multi: true })})`;
    return (await server.sql(`SELECT COUNT(*) FROM flights WHERE ${where}`))[0]?.[0];
  };
  expect(await count(choices)).toBe(4);
  expect(await count(["O'H"])).toBe(1);
  expect(await count([])).toBe(0);
});

describe('errors in plain words', () => {
  test.each([
    ['SELECT delai FROM flights', /Column 'delai' not found.*delay/],
    ['SELECT * FROM nowhere', /nowhere/],
    ['SELECT', /./],
  ])('%s', async (sql, message) => {
    await expect(frame(sql)).rejects.toThrow(message);
  });

  test('the server knows where a query is cancelled, and does not know this one', async () => {
    const response = await fetch(server.url + cancelPath('grafana-1'), { method: 'DELETE' });
    expect(response.status).toBe(404);
  });

  test('health', async () => {
    expect(await healthText(sendTo(server.url))).toMatch(/^Varve \d.* answers SQL\.$/);
    await expect(healthText(sendTo(`${server.url}/druid`))).rejects.toThrow('there is nothing at');
  });
});

describe('dashboards and documents', () => {
  const queryOf = (object: unknown): { rawSql: string; format: Format }[] => {
    if (typeof object !== 'object' || object === null) return [];
    const own = 'rawSql' in object ? [object as { rawSql: string; format: Format }] : [];
    return [...own, ...Object.values(object).flatMap(queryOf)];
  };
  const folder = join(REPOSITORY, 'grafana/dashboards');
  const dashboards = readdirSync(folder).map((name) => ({
    name,
    text: readFileSync(join(folder, name), 'utf8'),
  }));
  const examples = examplesOf('docs/grafana.md')
    .filter(({ language }) => language === 'json')
    .map(({ document, text }) => ({ name: document, text }));

  test.each([...dashboards, ...examples])('the queries of $name run', async ({ text }) => {
    const queries = queryOf(JSON.parse(text));
    expect(queries.length).toBeGreaterThan(0);
    for (const { rawSql, format } of queries) {
      const sql = rawSql
        .replaceAll('$origin', variableText(['OSL'], { multi: true }))
        .replaceAll('$table', variableText('flights', {}));
      const { fields } = await frame(sql, format);
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) expect(field.values.length).toBeGreaterThan(0);
    }
  });

  test('the examples in SQL run', async () => {
    for (const { language, text } of examplesOf('docs/grafana.md')) {
      if (language !== 'sql') continue;
      const sql = text.replaceAll('$origin', "'OSL'").replaceAll('clicks', 'flights');
      await frame(sql, text.includes('$__timeGroup') ? 'time_series' : 'table');
    }
  });
});
