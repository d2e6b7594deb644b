import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { CLI } from '../support/server-process.js';
import { ClusterProcesses } from './cluster-processes.mjs';
import { DruidClient, until } from './druid-client.mjs';
import type { NodeProcess } from './node-process.mjs';
import { CLICKS, PushLoop } from './push-loop.js';
import { PushWatch } from './push-watch.js';

const IS_ASKED_FOR = process.env.VARVE_TEST_CLUSTER === '1';

/** Nothing is handed off by itself: what a node has that is lost, only its standbys have. */
const SPEC = {
  ...CLICKS,
  handoff: { maxRows: 100_000_000, period: 'P1D' },
};

describe.skipIf(!IS_ASKED_FOR)('realtime nodes that are lost (VARVE_TEST_CLUSTER=1)', () => {
  let cluster: ClusterProcesses;
  let pushes: PushLoop;
  let brokers: DruidClient[];
  let watch: PushWatch;

  beforeAll(async () => {
    cluster = await ClusterProcesses.start({
      nodes: { coordinator: 1, historical: 1, realtime: 3, broker: 2 },
      cluster: {
        ...{ roundMs: 500, beatMs: 300, lostAfterMs: 2000, pollMs: 100, takeOverAfterMs: 1000 },
      },
    });
    brokers = cluster.of('broker').map(({ url }) => new DruidClient(url));
    const { status, text } = await brokers[0]!.request('PUT', '/v1/tables/clicks', SPEC);
    expect(status, text).toBe(200);
    pushes = new PushLoop('clicks', brokers);
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

  async function metric(node: NodeProcess, name: string): Promise<number> {
    const text = await (await fetch(`${node.url}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.split(' ')[1]);
  }

  /** The node that takes the rows of the table, once its log is on as many nodes as it should be. */
  async function owner(): Promise<NodeProcess> {
    let found: NodeProcess | undefined;
    await until('an owner with a standby', async () => {
      const rows = await brokers[0]!.sql(
        'SELECT DISTINCT "server" FROM sys.server_segments WHERE segment_id IN (SELECT segment_id FROM sys.segments WHERE datasource = \'clicks\' AND is_realtime = 1)',
      );
      found = cluster.of('realtime').find(({ url }) => url.endsWith(String(rows[0]?.[0])));
      return found !== undefined && (await metric(found, 'varve_push_log_copies')) === 2;
    });
    return found!;
  }

  /** Who has the log of a node: it is called as the directory of the copy. */
  async function standbyOf(node: NodeProcess): Promise<NodeProcess> {
    let found: NodeProcess | undefined;
    await until('a standby', () => {
      found = cluster
        .of('realtime')
        .find(({ dataDir, pid }) => pid !== null && existsSync(`${dataDir}/copies/${node.name}`));
      return found !== undefined;
    });
    return found!;
  }

  /** Builds a segment of a table of its own. */
  const runBatch = (_: unknown, number: number) =>
    new DruidClient(cluster.node('coordinator-1').url).load({
      type: 'index_parallel',
      spec: {
        dataSchema: {
          dataSource: `batch_${number}`,
          timestampSpec: { column: 't', format: 'millis' },
          dimensionsSpec: { dimensions: ['a'] },
        },
        ioConfig: {
          type: 'index_parallel',
          inputSource: { type: 'inline', data: '{"t":0,"a":"b"}' },
          inputFormat: { type: 'json' },
        },
      },
    });

  async function during(name: string, action: () => Promise<void>): Promise<void> {
    onTestFailed(() => console.log(cluster.logs(40)));
    await watch.during(name, action);
  }

  test('the owner is killed for good: a standby publishes its rows, another node takes more', async () => {
    const lost = await owner();
    await during('the owner is killed, its disk is wiped', async () => {
      await lost.kill();
      lost.wipe();
    });
    // It is back as a new one, and can be a standby.
    await lost.start();
  });

  test('the owner is killed, its disk is wiped, and it is there again at once', async () => {
    const lost = await owner();
    await during('the owner begins anew', async () => {
      await lost.kill();
      lost.wipe();
      await lost.start();
    });
  });

  test('the owner hangs until another node has taken its place: it ends when it sees that', async () => {
    const hung = await owner();
    await during('the owner hangs', async () => {
      hung.pause();
      // One of them for each node: it is not known yet that this one hangs.
      await Promise.all([wait(8000), ...cluster.of('realtime').map(runBatch)]);
      hung.resume();
    });
    await until('it ends', () => hung.pid === null);
    await hung.start();
  });

  test('a standby is killed for good: pushes go on, and another node becomes one', async () => {
    const kept = await owner();
    const standby = await standbyOf(kept);
    await during('a standby is killed', () => standby.kill());
    await until('a new standby', async () => (await owner()) === kept);
    standby.wipe();
    await standby.start();
  });

  test('a standby is killed while PostgreSQL is away: pushes wait, and go on with it', async () => {
    const standby = await standbyOf(await owner());
    await during('a standby is killed, and PostgreSQL is away for 3 s', async () => {
      await cluster.postgres.stop();
      await standby.kill();
      await wait(3000);
      await cluster.postgres.run();
    });
    await standby.start();
    await owner();
  });

  test('each row is there, once', async () => {
    onTestFailed(() => console.log(cluster.logs(40)));
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
    console.log(`${rows} rows, ${watch.looks} counts, none wrong`);
  });

  test('rows of which every disk is lost: nothing begins anew before somebody gives them up', async () => {
    onTestFailed(() => console.log(cluster.logs(40)));
    await watch.end();
    const lost = await owner();
    const nodes = cluster.of('realtime');
    await Promise.all(nodes.map((node) => node.kill()));
    for (const node of nodes) node.wipe();
    const starting = Promise.all(nodes.map((node) => node.start()));
    await until('it waits', () => lost.log().includes('no node has a copy of it'));
    const query = { query: 'SELECT COUNT(*) FROM clicks' };
    expect((await brokers[0]!.request('POST', '/druid/v2/sql', query)).status).toBe(503);
    const { configPath, environment } = lost;
    const giveUp = (name: string) =>
      promisify(execFile)(process.execPath, [CLI, 'give-up', name, '--config', configPath], {
        env: { ...process.env, ...environment },
      });
    const other = nodes.find((node) => node !== lost)!;
    await expect(giveUp(other.name)).rejects.toThrow(/lives; stop it/);
    expect((await giveUp(lost.name)).stdout).toContain('rows may be missing in clicks');
    await starting;
    const line = '{"timestamp":"2024-01-01T00:00:00Z","user":"after","n":1}';
    const pushed = () => brokers[0]!.push('clicks', line, { producer: 'after', sequence: 0 });
    await until('rows are taken', () =>
      pushed().then(
        () => true,
        () => false,
      ),
    );
    await until('an answer', async () => {
      const sql = `SELECT COUNT(*) FROM clicks WHERE "user" = 'after'`;
      const [row] = await brokers[0]!.sql(sql).catch(() => []);
      return row?.[0] === 1;
    });
  });
});
