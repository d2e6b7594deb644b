import { execFile } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI, REPOSITORY, ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Files of many formats through a real server: ingested, sampled, and shown by a dry run. */
const fixtures = join(REPOSITORY, 'ingest', 'input', 'formats', 'fixtures');
const shared = join(REPOSITORY, '..', 'shared');
const druidFiles = join(shared, 'conformance', 'druid', 'datasets', 'it', 'data', 'batch_index');
const work = temporaryDirectory('formats');
let server: ServerProcess;

beforeAll(async () => {
  const localRoots = existsSync(shared) ? [fixtures, shared] : [fixtures];
  server = await ServerProcess.start({ dataDir: join(work, 'data'), localRoots });
});
afterAll(async () => {
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
});

const specOf = (
  dataSource: string,
  inputSource: object,
  inputFormat: object | null,
  schema: object,
) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: { dataSource, ...schema },
    ioConfig: { type: 'index_parallel', inputSource, ...(inputFormat && { inputFormat }) },
  },
});

const ROWS = {
  timestampSpec: { column: 'at', format: 'auto' },
  dimensionsSpec: { useSchemaDiscovery: true },
  granularitySpec: { segmentGranularity: 'year', rollup: false },
};

test.each([
  ['avro', 'rows.zstandard.avro', { type: 'avro_ocf' }],
  ['orc', 'rows.zstd.orc', { type: 'orc' }],
])('%s: columns with their types', async (name, file, inputFormat) => {
  const source = { type: 'local', files: [join(fixtures, file)] };
  expect(await server.finished(await server.submit(specOf(name, source, inputFormat, ROWS)))).toBe(
    'SUCCESS',
  );
  expect(
    await server.sql(
      `SELECT COUNT(*), SUM("small"), SUM("ratio"), SUM("price"), COUNT("maybe") FROM "${name}"`,
    ),
  ).toEqual([[100, -50, 618.75, expect.closeTo(-0.5, 9), 75]]);
  expect(
    await server.sql(`SELECT "wide", "ratio", "bytes" FROM "${name}" WHERE "small" = -42`),
  ).toEqual([[-9223372036854776000, 1, 'CPc=']]);
});

test('protobuf, its descriptors in a file', async () => {
  const source = { type: 'local', files: [join(fixtures, 'rows.pb')] };
  const inputFormat = {
    type: 'protobuf',
    delimited: true,
    protoBytesDecoder: {
      type: 'file',
      descriptor: `file://${join(fixtures, 'rows.desc')}`,
      protoMessageType: 'org.example.Row',
    },
  };
  expect(
    await server.finished(await server.submit(specOf('protobuf', source, inputFormat, ROWS))),
  ).toBe('SUCCESS');
  expect(await server.sql('SELECT COUNT(*), SUM("small"), SUM("ratio") FROM protobuf')).toEqual([
    [100, -50, 618.75],
  ]);
});

describe.skipIf(!existsSync(druidFiles))('files of Druid (needs ../shared)', () => {
  const schema = {
    timestampSpec: { column: 'timestamp' },
    dimensionsSpec: { dimensions: ['page', 'language', 'user'] },
    metricsSpec: [{ type: 'doubleSum', name: 'added', fieldName: 'added' }],
    granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'second' },
  };
  test.each([
    ['json', { type: 'json' }],
    ['csv', { type: 'csv', findColumnsFromHeader: true }],
    ['tsv', { type: 'tsv', findColumnsFromHeader: true }],
    ['parquet', { type: 'parquet' }],
    ['avro', { type: 'avro_ocf' }],
    ['orc', { type: 'orc' }],
  ])('%s', async (format, inputFormat) => {
    const source = { type: 'local', baseDir: join(druidFiles, format), filter: `*.${format}` };
    const name = `wikipedia_${format}`;
    expect(
      await server.finished(await server.submit(specOf(name, source, inputFormat, schema))),
    ).toBe('SUCCESS');
    expect(
      await server.sql(
        `SELECT DISTINCT "page", "language", "user", "added" FROM "${name}" WHERE "added" > 900`,
      ),
    ).toEqual([['Crimson Typhoon', 'zh', 'triplets', 905]]);
  });
});

test('the sampler, of a file and of a table', async () => {
  const source = { type: 'local', files: [join(fixtures, 'rows.deflate.avro')] };
  const file = specOf('sample', source, { type: 'avro_ocf' }, ROWS);
  const { status, json } = await server.post('/druid/indexer/v1/sampler?for=parser', {
    ...file,
    samplerConfig: { numRows: 3 },
  });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    numRowsRead: 3,
    numRowsIndexed: 3,
    data: [{ parsed: { __time: 1_700_000_000_000, small: -50 } }, {}, {}],
  });
  const table = specOf(
    'sample',
    { type: 'druid', dataSource: 'avro', interval: '2023/2024' },
    null,
    {
      ...ROWS,
      timestampSpec: { column: '__time', format: 'millis' },
    },
  );
  const again = await server.post('/druid/indexer/v1/sampler', {
    ...table,
    samplerConfig: { numRows: 2 },
  });
  expect(again.json).toMatchObject({
    numRowsRead: 2,
    data: [{ parsed: { __time: 1_700_000_000_000, small: -50 } }, {}],
  });
});

test('the sampler refuses what a task may not read, with 400', async () => {
  const source = { type: 'local', files: ['/etc/passwd'] };
  const body = specOf('sample', source, { type: 'lines' }, ROWS);
  const { status, json } = await server.post('/druid/indexer/v1/sampler', body);
  expect(status).toBe(400);
  expect(JSON.stringify(json)).toContain('spec.ioConfig.inputSource.files[0]');
});

test('varve ingest --dry-run', async () => {
  const data = '{"t":"2024-01-01","a":"x","n":1}\n{"t":"2024-01-02","a":"y","n":2}\nrubbish\n';
  const spec = specOf(
    'dry',
    { type: 'inline', data },
    { type: 'json' },
    {
      timestampSpec: { column: 't' },
      dimensionsSpec: { dimensions: ['a', { type: 'long', name: 'n' }] },
      granularitySpec: { rollup: false },
      transformSpec: { filter: { type: 'selector', dimension: 'a', value: 'x' } },
    },
  );
  const path = join(work, 'spec.json');
  writeFileSync(path, JSON.stringify(spec));
  const { stdout } = await promisify(execFile)(process.execPath, [
    CLI,
    'ingest',
    '--dry-run',
    '--url',
    server.url,
    path,
  ]);
  expect(stdout).toContain('2024-01-01T00:00:00.000Z │ x        │      1');
  expect(stdout).toContain('transformSpec.filter does not pass it');
  expect(stdout).toContain(
    '3 rows read: 1 would be stored, 0 rolled up into them, 1 thrown away, 1 lost',
  );
  expect(
    await server.sql("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'dry'"),
  ).toEqual([[0]]);
});
