import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { ClusterProcesses } from './cluster-processes.mjs';
import { DruidClient, until } from './druid-client.mjs';
import { sameData } from './same-data.js';

const IS_ASKED_FOR = process.env.VARVE_TEST_CLUSTER === '1';

describe.skipIf(!IS_ASKED_FOR)('left-overs in deep storage (VARVE_TEST_CLUSTER=1)', () => {
  let cluster: ClusterProcesses;
  let leader: DruidClient;

  beforeAll(async () => {
    cluster = await ClusterProcesses.start({
      nodes: { coordinator: 1, historical: 1, broker: 1 },
      storage: 'local',
      cluster: { roundMs: 300, orphans: { periodMs: 300, graceMs: 2000 } },
    });
    leader = new DruidClient(cluster.of('coordinator')[0]!.url);
    for (const spec of sameData()) await leader.load(spec);
    await leader.loaded('events');
  }, 240_000);

  afterAll(() => cluster?.close());

  const objects = () => {
    const all = readdirSync(join(cluster.directory, 'deep'), { recursive: true, encoding: 'utf8' });
    return all.filter((name) => name.endsWith('.varvepack'));
  };

  test('objects of killed segments go after the grace time, all others stay', async () => {
    onTestFailed(() => console.log(cluster.logs(12)));
    const before = objects();
    const isOfEvents = (name: string) => name.includes('/events/');
    expect(before.filter(isOfEvents).length).toBeGreaterThan(0);
    await leader.request('DELETE', '/druid/coordinator/v1/datasources/events');
    const interval = '1000-01-01/3000-01-01';
    const kill = { type: 'kill', dataSource: 'events', interval };
    await until(
      'the drop',
      async () => {
        await leader.finished(await leader.submit({ ...kill }));
        return objects().filter(isOfEvents).length === 0;
      },
      60_000,
    );
    const others = before.filter((name) => !isOfEvents(name));
    expect(others.length).toBeGreaterThan(0);
    expect(objects().sort()).toEqual(others.sort());
  }, 120_000);
});
