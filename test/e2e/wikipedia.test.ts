import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY, ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Edits of Wikipedia on one day, by Druid's own tutorial spec; the data lies beside the repository. */
const shared = join(REPOSITORY, '..', 'shared');
const datasets = join(shared, 'conformance', 'druid', 'datasets');
const specFile = join(datasets, 'wikipedia.spec.json');

describe.skipIf(!existsSync(specFile))('wikipedia (needs ../shared)', () => {
  const dataDir = temporaryDirectory('wikipedia');
  let server: ServerProcess;

  beforeAll(async () => {
    server = await ServerProcess.start({ dataDir, localRoots: [shared] });
    const spec = JSON.parse(readFileSync(specFile, 'utf8').replaceAll('@DATASETS@', datasets));
    expect(await server.finished(await server.submit(spec))).toBe('SUCCESS');
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('all rows are there', async () => {
    expect(await server.sql('SELECT COUNT(*), SUM(added) FROM wikipedia')).toEqual([
      [39_244, 9_385_573],
    ]);
  });

  test('the busiest channels', async () => {
    const { json } = await server.post('/druid/v2', {
      queryType: 'topN',
      dataSource: 'wikipedia',
      intervals: '2015-09-12/2015-09-13',
      granularity: 'all',
      dimension: 'channel',
      metric: 'edits',
      threshold: 2,
      aggregations: [{ type: 'count', name: 'edits' }],
    });
    expect(json).toMatchObject([
      {
        result: [
          { channel: '#en.wikipedia', edits: 11_549 },
          { channel: '#vi.wikipedia', edits: 9_747 },
        ],
      },
    ]);
  });
});
