import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { ClusterProcesses, ROLES, type Role } from './cluster-processes.mjs';
import { DruidClient, until } from './druid-client.mjs';
import type { NodeProcess } from './node-process.mjs';
import { CLICKS, PushLoop } from './push-loop.js';
import { PushWatch } from './push-watch.js';

const IS_ASKED_FOR = process.env.VARVE_TEST_CLUSTER === '1';

const SPEC = {
  ...CLICKS,
  handoff: { maxRows: 2000, period: 'PT2S' },
};

describe.skipIf(!IS_ASKED_FOR)('pushes to a cluster under faults (VARVE_TEST_CLUSTER=1)', () => {
  let cluster: ClusterProcesses;
  let pushes: PushLoop;
  let brokers: DruidClient[];
  let watch: PushWatch;

  const clientsOf = (...roles: Role[]) =>
    roles.flatMap((role) => cluster.of(role).map(({ url }) => new DruidClient(url)));

  beforeAll(async () => {
    cluster = await ClusterProcesses.start({
      nodes: { coordinator: 2, historical: 2, realtime: 2, broker: 2 },
      storage: 's3',
      cluster: { roundMs: 500, beatMs: 300, lostAfterMs: 2000, pollMs: 100 },
    });
    brokers = clientsOf('broker');
    const { status, text } = await brokers[0]!.request('PUT', '/v1/tables/clicks', SPEC);
    expect(status, text).toBe(200);
    pushes = new PushLoop('clicks', clientsOf('broker', 'realtime', 'coordinator'));
    pushes.start();
    await until('rows', () => pushes.acknowledged > 0);
    watch = new PushWatch(pushes, brokers);
  }, 240_000);

  afterEach(() => {
    expect(watch.wrong).toEqual([]);
  });

  afterAll(async () => {
    await watch?.end();
    await pushes?.end();
    await cluster?.close();
  });

  async function during(name: string, action: () => Promise<void>): Promise<void> {
    onTestFailed(() => console.log(cluster.logs(12)));
    await watch.during(name, action);
  }

  async function killAndStart(node: NodeProcess): Promise<void> {
    await node.kill();
    await wait(500);
    await node.start();
  }

  test.each(ROLES)('kill -9 of each %s', async (role) => {
    for (const node of cluster.of(role)) {
      await during(`kill -9 of ${node.name}`, () => killAndStart(node));
    }
  });

  test('realtime nodes stop in order, one after the other: no query is refused', async () => {
    for (const node of cluster.of('realtime')) {
      const before = watch.refused.length;
      await during(`restart of ${node.name}`, () => node.restart());
      expect(watch.refused.slice(before)).toEqual([]);
    }
  });

  test('all realtime nodes at once', async () => {
    await during('kill -9 of all realtime nodes', async () => {
      await Promise.all(cluster.of('realtime').map((node) => node.kill()));
      await Promise.all(cluster.of('realtime').map((node) => node.start()));
    });
  });

  test('all roles restart, in every order', async () => {
    const roles = ROLES;
    for (const first of roles) {
      const order = [first, ...roles.filter((role) => role !== first)];
      await during(`restart: ${order.join(', ')}`, async () => {
        for (const role of order) for (const node of cluster.of(role)) await node.restart();
      });
    }
  }, 600_000);

  test('PostgreSQL restarts, and is killed', async () => {
    await during('PostgreSQL is away for 3 s', async () => {
      await cluster.postgres.stop();
      await wait(3000);
      await cluster.postgres.run();
    });
    await during('kill -9 of PostgreSQL', async () => {
      await cluster.postgres.kill();
      await cluster.postgres.run();
    });
  });

  test('S3 is away for a minute', async () => {
    await during('S3 is away', async () => {
      await cluster.s3!.stop();
      await wait(60_000);
      await cluster.s3!.run();
    });
  });

  test("a historical's disk is wiped", async () => {
    const [historical] = cluster.of('historical');
    await during('kill -9 of a historical, its disk is wiped', async () => {
      await historical!.kill();
      historical!.wipe();
      await historical!.start();
    });
  });

  test('each row is there, once: live, handed off, and on every broker', async () => {
    onTestFailed(() => console.log(cluster.logs(30)));
    await pushes.end();
    const total = 'SELECT COUNT(*), SUM(n), COUNT(DISTINCT n) FROM clicks';
    const context = { useApproximateCountDistinct: false, maxSubqueryRows: 10_000_000 };
    const [rows, sum] = pushes.expected;
    for (const broker of brokers) {
      await until('all rows', async () => {
        const [row] = await broker.sql(total, context);
        return row?.[0] === rows;
      });
      expect(await broker.sql(total, context)).toEqual([[rows, sum, rows]]);
    }
    const { status, text } = await brokers[0]!.request('POST', '/v1/tables/clicks/handoff');
    expect(status, text).toBe(200);
    for (const broker of brokers) {
      await wait(1000);
      expect(await broker.sql(total, context)).toEqual([[rows, sum, rows]]);
    }
    console.log(`${rows} rows, ${watch.looks} counts, ${watch.refused.length} refused, none wrong`);
  });
});
