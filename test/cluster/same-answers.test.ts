import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';
import { ClusterProcesses } from './cluster-processes.mjs';
import { DruidClient, until } from './druid-client.mjs';
import { answerOf, difference } from './same-answers.js';
import { sameData } from './same-data.js';
import { SAME_QUERIES } from './same-queries.js';

const IS_ASKED_FOR = process.env.VARVE_TEST_CLUSTER === '1';

describe.skipIf(!IS_ASKED_FOR)('a cluster answers as one server (VARVE_TEST_CLUSTER=1)', () => {
  const dataDir = temporaryDirectory('same-answers');
  let server: ServerProcess;
  let cluster: ClusterProcesses;
  let one: DruidClient;
  let broker: DruidClient;
  let leader: DruidClient;

  beforeAll(async () => {
    cluster = await ClusterProcesses.start({
      nodes: { coordinator: 1, historical: 2, broker: 1 },
      cluster: { roundMs: 500 },
    });
    server = await ServerProcess.start({ dataDir });
    one = new DruidClient(server.url);
    broker = new DruidClient(cluster.of('broker')[0]!.url);
    leader = new DruidClient(cluster.of('coordinator')[0]!.url);
    for (const spec of sameData()) {
      for (const client of [one, leader]) await client.load(spec);
    }
    for (const table of ['events', 'countries']) await leader.loaded(table);
    const count = 'SELECT COUNT(*) FROM events';
    const [[rows]] = (await one.sql(count)) as [[number]];
    await until('the rows', async () => (await broker.sql(count))[0]?.[0] === rows, 20_000);
  }, 240_000);

  afterAll(async () => {
    await server?.stop();
    await cluster?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test.each(SAME_QUERIES)('$name', async (query) => {
    onTestFailed(() => console.log(cluster.logs(8)));
    const expected = await answerOf(one, query);
    expect(typeof expected, String(expected)).toBe('object');
    expect(expected).not.toEqual([]);
    expect(difference(expected, await answerOf(broker, query))).toBeNull();
  });

  test('lookups', async () => {
    const lookup = { type: 'map', map: { de: 'Germany', fr: 'France' } };
    for (const client of [one, leader]) {
      const path = '/druid/coordinator/v1/lookups/config';
      await client.request('POST', path, {});
      const { status, text } = await client.request('POST', `${path}/__default/lands`, {
        version: 'v1',
        lookupExtractorFactory: lookup,
      });
      expect(status, text).toBe(202);
    }
    const sql = `SELECT LOOKUP(country, 'lands') l, COUNT(*) FROM events GROUP BY 1 ORDER BY 1`;
    for (const client of [one, broker]) {
      await until('the lookup', async () => (await client.sql(sql)).length === 3, 20_000);
    }
    expect(
      difference(await answerOf(one, { name: '', sql }), await answerOf(broker, { name: '', sql })),
    ).toBeNull();
  });
});
