import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** The ends of the 64-bit range survive JSON ingestion, storage, filters, sums and both query languages. */
const MAX = '9223372036854775807';
const MIN = '-9223372036854775808';
const dataDir = temporaryDirectory('integers');
let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir });
  const rows = [
    `{"t":1000,"k":"max","n":${MAX}}`,
    `{"t":2000,"k":"min","n":${MIN}}`,
    `{"t":3000,"k":"odd","n":9007199254740993}`,
  ];
  const task = await server.submit({
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'wide',
        timestampSpec: { column: 't', format: 'millis' },
        dimensionsSpec: { dimensions: ['k', { type: 'long', name: 'n' }] },
        metricsSpec: [{ type: 'longSum', name: 'total', fieldName: 'n' }],
        granularitySpec: { segmentGranularity: 'DAY', rollup: true },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'inline', data: rows.join('\n') },
        inputFormat: { type: 'json' },
      },
    },
  });
  expect(await server.finished(task)).toBe('SUCCESS');
});
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The answer's own text: JSON.parse would round the digits away. */
async function text(path: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(server.url + path, { method: 'POST', headers, body });
  return (await response.text()).trim();
}
const sql = (query: string) =>
  text('/druid/v2/sql', JSON.stringify({ query, resultFormat: 'array' }));

describe('SQL', () => {
  test('stores and prints every digit', async () => {
    expect(await sql('SELECT k, n, total FROM wide ORDER BY k')).toBe(
      `[["max",${MAX},${MAX}],["min",${MIN},${MIN}],["odd",9007199254740993,9007199254740993]]`,
    );
  });
  test.each([
    [`n = ${MAX}`, 'max'],
    [`n = ${MIN}`, 'min'],
    ['n = 9007199254740993', 'odd'],
    ['n > 9007199254740993', 'max'],
    [`n IN (${MIN}, 1)`, 'min'],
  ])('WHERE %s finds %s', async (condition, key) => {
    expect(await sql(`SELECT k FROM wide WHERE ${condition}`)).toBe(`[["${key}"]]`);
  });
  test('does not confuse a neighbour', async () => {
    expect(await sql('SELECT k FROM wide WHERE n = 9007199254740992')).toBe('[]');
  });
  test('sums exactly', async () => {
    expect(await sql("SELECT SUM(n) FROM wide WHERE k <> 'odd'")).toBe('[[-1]]');
    expect(await sql('SELECT MAX(n), MIN(total) FROM wide')).toBe(`[[${MAX},${MIN}]]`);
  });
});

describe('native queries', () => {
  const query = (
    filter: string,
  ) => `{"queryType":"scan","dataSource":"wide","intervals":"1970/1980",
    "columns":["k","n"],"resultFormat":"compactedList","filter":${filter}}`;
  test('filter by a number of 19 digits', async () => {
    const answer = await text(
      '/druid/v2',
      query(`{"type":"equals","column":"n","matchValueType":"LONG","matchValue":${MAX}}`),
    );
    expect(answer).toContain(`["max",${MAX}]`);
    expect(answer).not.toContain('min');
  });
  test('longSum wraps at 64 bits as Druid does', async () => {
    const answer = await text(
      '/druid/v2',
      `{"queryType":"timeseries","dataSource":"wide","intervals":"1970/1980","granularity":"all",
        "aggregations":[{"type":"longSum","name":"s","expression":"n + n"}],
        "filter":{"type":"selector","dimension":"k","value":"max"}}`,
    );
    expect(answer).toContain('"s":-2');
  });
});
