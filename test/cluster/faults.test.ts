import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { ClusterProcesses } from './cluster-processes.mjs';
import { DruidClient, until } from './druid-client.mjs';
import type { NodeProcess } from './node-process.mjs';
import { QueryLoop } from './query-loop.js';
import { sameData } from './same-data.js';

const IS_ASKED_FOR = process.env.VARVE_TEST_CLUSTER === '1';

const QUERIES = [
  'SELECT COUNT(*), SUM(added), COUNT(price), MIN(big), MAX(big) FROM events',
  'SELECT country, COUNT(*), SUM(added) FROM events GROUP BY 1 ORDER BY 1',
  'SELECT page, COUNT(*) n, MAX(big) FROM events GROUP BY 1 ORDER BY n DESC, page LIMIT 20',
];

const RULE = [{ type: 'loadForever', tieredReplicants: { _default_tier: 2 } }];

describe.skipIf(!IS_ASKED_FOR)('a cluster under faults (VARVE_TEST_CLUSTER=1)', () => {
  let cluster: ClusterProcesses;
  let loop: QueryLoop;
  let brokers: DruidClient[];

  beforeAll(async () => {
    cluster = await ClusterProcesses.start({
      nodes: { coordinator: 2, historical: 3, broker: 2 },
      cluster: { roundMs: 500, beatMs: 300, lostAfterMs: 2000 },
    });
    brokers = cluster.of('broker').map(({ url }) => new DruidClient(url));
    const leader = client('coordinator-1');
    await until('a leader', async () => (await leader.get('/druid/coordinator/v1/leader')) !== '');
    await leader.post('/druid/coordinator/v1/rules/events', RULE);
    for (const spec of sameData()) await leader.load(spec);
    await leader.loaded('events', { allReplicas: true });
    await until('all rows', async () => (await brokers[0]!.sql(QUERIES[0]!))[0]?.[0] === 6000);
    const answers = QUERIES.map(async (sql) => ({ sql, answer: await answerText(sql) }));
    loop = new QueryLoop(await Promise.all(answers));
    loop.start(brokers);
  }, 240_000);

  afterEach(() => {
    expect(loop.wrong).toEqual([]);
  });

  afterAll(async () => {
    await loop?.end();
    await cluster?.close();
  });

  const client = (name: string) => new DruidClient(cluster.node(name).url);

  async function answerText(query: string): Promise<string> {
    const body = { query, resultFormat: 'array' };
    const { status, text } = await brokers[0]!.request('POST', '/druid/v2/sql', body);
    expect(status, text).toBe(200);
    return text;
  }

  /** A coordinator that runs; it knows who leads. */
  const anyCoordinator = () => cluster.of('coordinator').find(({ pid }) => pid !== null)!;

  /** The one that leads. */
  async function leading(): Promise<NodeProcess> {
    let found: NodeProcess | undefined;
    await until('a leader', async () => {
      const { text } = await client(anyCoordinator().name).request(
        'GET',
        '/druid/coordinator/v1/leader',
      );
      found = cluster.of('coordinator').find(({ url, pid }) => pid !== null && text.includes(url));
      return found !== undefined;
    });
    return found!;
  }

  /** Waits until the historicals that are left serve every segment twice. */
  const replicated = () =>
    new DruidClient(anyCoordinator().url).loaded('events', { allReplicas: true });

  /** How long something takes, printed. */
  async function timed(what: string, action: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    await action();
    console.log(`${what} after ${(performance.now() - startMs).toFixed(0)} ms`);
  }

  /** A bulk load into a table of its own, asked of a broker. */
  async function loadInto(table: string): Promise<void> {
    const [, , spec] = structuredClone(sameData()) as {
      spec: { dataSchema: { dataSource: string } };
    }[];
    spec!.spec.dataSchema.dataSource = table;
    const to = new DruidClient(anyCoordinator().url);
    await until('a task is taken', async () => {
      await to.load(spec);
      return true;
    });
    for (const broker of brokers) {
      const count = async () => (await broker.sql(`SELECT COUNT(*) FROM ${table}`))[0]?.[0];
      await until(`the rows of ${table}`, async () => (await count()) === 4);
    }
  }

  const withLogs = () => onTestFailed(() => console.log(cluster.logs(12)));

  test('kill -9 of a historical: its replicas answer, and others restore them', async () => {
    withLogs();
    const historical = cluster.node('historical-1');
    await loop.during('kill -9 of a historical', async () => {
      await historical.kill();
      await wait(5000);
    });
    await loop.during('its replicas are made again', () => timed('all replicas', replicated));
    await loop.during('it starts again', () => historical.start());
  });

  test('a historical whose disk is wiped', async () => {
    withLogs();
    const historical = cluster.node('historical-2');
    await loop.during('kill -9 of a historical, its disk is wiped, it starts', async () => {
      await historical.kill();
      historical.wipe();
      await historical.start();
      await timed('all replicas', replicated);
    });
  });

  test('a historical that stops in order, and starts', async () => {
    withLogs();
    await loop.during('stop and start of a historical', () =>
      cluster.node('historical-3').restart(),
    );
  });

  test('each historical hangs for a while', async () => {
    withLogs();
    for (const historical of cluster.of('historical')) {
      await loop.during(`${historical.name} hangs for 4 s`, async () => {
        historical.pause();
        await wait(4000);
        historical.resume();
      });
      await replicated();
    }
  });

  /** All that have one of the segments, of which the third historical has no copy. */
  async function holdersOfOne(): Promise<NodeProcess[]> {
    let found: NodeProcess[] = [];
    await until('a segment with two copies', async () => {
      const rows = await brokers[0]!.sql(
        "SELECT server FROM sys.server_segments WHERE segment_id IN (SELECT segment_id FROM sys.segments WHERE datasource = 'events' AND num_replicas = 2 LIMIT 1)",
      );
      const servers = rows.map(([server]) => `http://${server}`);
      found = cluster.of('historical').filter(({ url }) => servers.includes(url));
      return found.length === 2;
    });
    return found;
  }

  test('all that have a segment hang at once: queries that wait for them are answered by the third one', async () => {
    withLogs();
    const hanging = await holdersOfOne();
    const { errors } = await loop.during('two of three historicals hang', async () => {
      for (const historical of hanging) historical.pause();
      await wait(3000);
    });
    for (const historical of hanging) historical.resume();
    expect(errors).toEqual([]);
    await replicated();
  });

  test('kill -9 of the coordinator that leads: the other one takes over', async () => {
    withLogs();
    const leader = await leading();
    await loop.during('kill -9 of the leader', async () => {
      await leader.kill();
      await timed('another leads', async () => {
        expect((await leading()).name).not.toBe(leader.name);
      });
      await timed('a task', () => loadInto('after_leader'));
    });
    await leader.start();
  });

  test('a leader that hangs, and wakes up when another leads', async () => {
    withLogs();
    const leader = await leading();
    const other = cluster.of('coordinator').find(({ name }) => name !== leader.name)!;
    await loop.during('the leader hangs', async () => {
      leader.pause();
      await until('another leads', async () => {
        const { text } = await client(other.name).request('GET', '/druid/coordinator/v1/leader');
        return text.includes(other.url);
      });
      leader.resume();
    });
    await until('it knows', async () => {
      const { text } = await client(leader.name).request('GET', '/druid/coordinator/v1/leader');
      return text.includes(other.url);
    });
    await loadInto('after_hang');
  });

  test('PostgreSQL restarts', async () => {
    withLogs();
    const { right } = await loop.during('PostgreSQL is away for 4 s', async () => {
      await cluster.postgres.stop();
      await wait(4000);
      await cluster.postgres.run();
    });
    expect(right).toBeGreaterThan(0);
    await timed('a task', () => loadInto('after_postgres'));
  });

  test('kill -9 of PostgreSQL', async () => {
    withLogs();
    await loop.during('kill -9 of PostgreSQL', async () => {
      await cluster.postgres.kill();
      await wait(1000);
      await cluster.postgres.run();
    });
    await timed('a task', () => loadInto('after_crash'));
  });

  test('every broker restarts, in order and by kill -9', async () => {
    withLogs();
    for (const broker of cluster.of('broker')) {
      await loop.during(`restart of ${broker.name}`, () => broker.restart());
      await loop.during(`kill -9 of ${broker.name}`, async () => {
        await broker.kill();
        await broker.start();
      });
    }
  });

  test('every historical is killed at once, and starts with what it has on its disk', async () => {
    withLogs();
    const historicals = cluster.of('historical');
    await loop.during('kill -9 of all historicals', async () => {
      await Promise.all(historicals.map((each) => each.kill()));
      await wait(1000);
      await Promise.all(historicals.map((each) => each.start()));
    });
    await timed('all replicas', replicated);
  });
});
