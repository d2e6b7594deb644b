import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examplesOf } from '../support/documents.js';
import { declare, lines, push } from '../support/push.js';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Sketches prepared elsewhere, loaded in a real server by pushes and tasks; the examples of the manual. */
const directory = temporaryDirectory('sketches');
let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start({
    dataDir: join(directory, 'data'),
    localRoots: [directory],
  });
});
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Images that Python's `datasketches` 5.2 made: of ann, bob, cid and 1, 2, 3; of bob, cid, dan, eve and 10, 20. */
const THEIRS = [
  {
    theta: 'AgMDAAAazJMDAAAAAAAAAF8QMpCXB8wn2kUzRwZR5jz8CDCeHF7Taw==',
    hll: 'AgEHDAMIAwD4EWAEvyBkHLSLZg4=',
    quantiles: 'AgMIGIAAAAADAAAAAAAAAAAAAAAAAPA/AAAAAAAACEAAAAAAAADwPwAAAAAAAABAAAAAAAAACEA=',
    kll: 'BQEPAMgACAADAAAAAAAAAMgAAQDFAAAAAAAAAAAA8D8AAAAAAAAIQAAAAAAAAAhAAAAAAAAAAEAAAAAAAADwPw==',
    // Theirs has no tuples of doubles: as Druid documents an empty one.
    tuple: 'AQEJAwQBzJP/////////fw==',
  },
  {
    theta: 'AgMDAAAazJMEAAAAAAAAAKTVnZSd1ZUCpFw1B7vbZhZfEDKQlwfMJ9pFM0cGUeY8',
    hll: 'AgEHDAMIBAC/IGQctItmDkmrOxVIuWoG',
    quantiles: 'AgMIGIAAAAACAAAAAAAAAAAAAAAAACRAAAAAAAAANEAAAAAAAAAkQAAAAAAAADRA',
    kll: 'BQEPAMgACAACAAAAAAAAAMgAAQDGAAAAAAAAAAAAJEAAAAAAAAA0QAAAAAAAADRAAAAAAAAAJEA=',
    tuple: 'AQEJAwQBzJP/////////fw==',
  },
] as const;

type Images = Record<keyof (typeof THEIRS)[0], string>;

const T0 = Date.UTC(2024, 4, 1);
const rowsOf = (images: readonly Images[]) => images.map((image, i) => ({ at: T0 + i, ...image }));

const SPEC = {
  timestampSpec: { column: 'at', format: 'millis' },
  dimensionsSpec: { dimensions: ['source'] },
  metricsSpec: [
    { type: 'count', name: 'rows' },
    { type: 'thetaSketch', name: 'theta', fieldName: 'theta', isInputThetaSketch: true },
    { type: 'HLLSketchMerge', name: 'hll', fieldName: 'hll' },
    { type: 'quantilesDoublesSketch', name: 'quantiles', fieldName: 'quantiles' },
    { type: 'KllDoublesSketch', name: 'kll', fieldName: 'kll' },
    { type: 'arrayOfDoublesSketch', name: 'tuple', fieldName: 'tuple' },
  ],
  granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'DAY', rollup: true },
};
const FIELDS = ['theta', 'hll', 'quantiles', 'kll', 'tuple'] as const;

/** What all sketches of a table say together. */
const answers = async (table: string) =>
  (
    await server.sql(
      `SELECT APPROX_COUNT_DISTINCT_DS_THETA(theta), APPROX_COUNT_DISTINCT_DS_HLL(hll),
         APPROX_QUANTILE_DS(quantiles, 0.5), APPROX_QUANTILE_DS(kll, 0.9), DS_TUPLE_DOUBLES_ESTIMATE(DS_TUPLE_DOUBLES(tuple))
       FROM "${table}"`,
    )
  )[0];

const ALL = [5, 5, 3, 20, 0];

async function load(table: string, inputSource: object, inputFormat: object) {
  const ioConfig = { type: 'index_parallel', inputSource, inputFormat };
  const dataSchema = { ...SPEC, dataSource: table };
  const tuningConfig = { type: 'index_parallel', maxParseExceptions: 10 };
  const task = await server.submit({
    type: 'index_parallel',
    spec: { dataSchema, ioConfig, tuningConfig },
  });
  expect(await server.finished(task)).toBe('SUCCESS');
  return server.get(`/druid/indexer/v1/task/${encodeURIComponent(task)}/reports`);
}

/** A row of which each sketch is damaged in its own way. */
const DAMAGED: Images = {
  theta: 'no base64 !',
  hll: THEIRS[0].hll.slice(0, 8),
  quantiles: 'AgMIGIAA',
  kll: 'no number',
  tuple: THEIRS[0].theta,
};

describe('sketches of Apache DataSketches', () => {
  test('load from JSON by a task; what is none counts as an error of its row', async () => {
    const data = lines([...rowsOf(THEIRS), { at: T0, ...DAMAGED }]);
    const { json } = await load('tasks', { type: 'inline', data }, { type: 'json' });
    expect(await answers('tasks')).toEqual(ALL);
    expect(JSON.stringify(json)).toMatch(/"processed":2,[^}]*"processedWithError":1/);
  });

  test('load from binary columns of Parquet', async () => {
    const duck = await (await DuckDBInstance.create(':memory:')).connect();
    const selects = rowsOf(THEIRS).map((row) => {
      const blobs = FIELDS.map((field) => `from_base64('${row[field]}') AS ${field}`);
      return `SELECT ${row.at}::BIGINT AS "at", ${blobs.join(', ')}`;
    });
    const file = join(directory, 'sketches.parquet');
    await duck.run(`COPY (${selects.join(' UNION ALL ')}) TO '${file}' (FORMAT PARQUET)`);
    duck.closeSync();
    const inputSource = { type: 'local', baseDir: directory, filter: '*.parquet' };
    await load('parquet', inputSource, { type: 'parquet' });
    expect(await answers('parquet')).toEqual(ALL);
  });

  test('load by pushes; what is none is a dead letter that says so', async () => {
    await declare(server, 'pushed', SPEC);
    const { json } = await push(
      server,
      'pushed',
      lines([...rowsOf(THEIRS), { at: T0, ...DAMAGED }]),
    );
    expect(json).toMatchObject({ received: 3, stored: 2, rejected: 1 });
    expect(await answers('pushed')).toEqual(ALL);
    const reasons = JSON.stringify(json.errors);
    for (const [field, wanted] of [
      ['theta', 'a thetaSketch'],
      ['hll', 'a HLLSketch'],
      ['quantiles', 'a number or a quantilesDoublesSketch'],
      ['kll', 'a number or a KllDoublesSketch'],
      ['tuple', 'a arrayOfDoublesSketch'],
    ]) {
      expect(reasons).toContain(`of field [${field}] to ${wanted}`);
    }
  });
});

test('what a query gives loads again', async () => {
  const [row] = await server.sql(
    'SELECT DS_THETA(theta), DS_HLL(hll), DS_QUANTILES_SKETCH(quantiles), DS_QUANTILES_SKETCH(kll), DS_TUPLE_DOUBLES(tuple) FROM tasks',
  );
  const images = Object.fromEntries(FIELDS.map((field, i) => [field, row![i]])) as Images;
  const data = lines(rowsOf([images]));
  await load('again', { type: 'inline', data }, { type: 'json' });
  expect(await answers('again')).toEqual(ALL);
});

const examples = examplesOf('docs/sketches.md').filter(
  ({ language, text }) => language === 'sh' && text.startsWith('curl '),
);

test('the examples of the manual work as printed', () => {
  const answers = examples.map(({ text }) => {
    const command = text.replaceAll('http://127.0.0.1:8888', server.url).replace('curl', 'curl -s');
    const answer = JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
    expect(answer, `${text}\n${JSON.stringify(answer)}`).not.toHaveProperty('error');
    return answer;
  });
  expect(answers).toHaveLength(12);
  expect(answers[2]).toContainEqual({ page: '/', views: 2, users: 2, p90: 31 });
  expect(answers[2]).toContainEqual({ page: null, views: 4, users: 3, p90: 90 });
  expect(answers[3]).toEqual([{ both_pages: 1, left_without: 1 }]);
  expect(answers[4][0].event).toMatchObject({ bounds: { estimate: 2 }, ms: [31, 31, 31] });
  expect(answers[6][0]).toMatchObject({ tea: 2 });
  expect(answers[7][0]).toMatchObject({ below_4: 2 / 3 });
  expect(answers[8][0].result).toMatchObject({ sums: [9] });
  expect(answers[11]).toEqual([{ users: 3 }]);
});
