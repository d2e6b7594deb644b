import { execFileSync, spawn } from 'node:child_process';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { findPostgres } from '../services/postgres.mjs';
import { CLI, ServerProcess, temporaryDirectory } from '../support/server-process.js';
import { ClusterProcesses } from './cluster-processes.mjs';
import { DruidClient, until } from './druid-client.mjs';
import { answerOf, difference } from './same-answers.js';
import { sameData } from './same-data.js';
import { SAME_QUERIES } from './same-queries.js';

/** Rows that are not handed off are segments of the server, and of nobody until the realtime node is there. */
const QUERIES = SAME_QUERIES.filter(({ name }) => name !== 'SQL: segments that are used');

const IS_ASKED_FOR = process.env.VARVE_TEST_CLUSTER === '1';

describe.skipIf(!IS_ASKED_FOR)('a server becomes a cluster (VARVE_TEST_CLUSTER=1)', () => {
  const dataDir = temporaryDirectory('migrate-from');
  const backupDir = temporaryDirectory('backup');
  let cluster: ClusterProcesses;
  let broker: DruidClient;
  /** What the server has answered, query by query. */
  const expected: unknown[] = [];
  let task = '';

  beforeAll(async () => {
    cluster = await ClusterProcesses.start({
      nodes: { coordinator: 1, historical: 2, realtime: 1, broker: 1 },
      cluster: { roundMs: 500 },
    });
    broker = new DruidClient(cluster.of('broker')[0]!.url);
    const server = await ServerProcess.start({ dataDir });
    const one = new DruidClient(server.url);
    for (const spec of sameData()) {
      task = await one.submit(spec);
      await one.finished(task);
    }
    // Of two batches of a producer one is handed off.
    expect(await push(one, 1)).toMatchObject({ stored: 2, duplicate: false });
    await one.post('/v1/tables/clicks/handoff', {});
    expect(await push(one, 2)).toMatchObject({ stored: 2, duplicate: false });
    for (const query of QUERIES) expected.push(await answerOf(one, query));
    const refused = await migrate('--from', dataDir);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.told).toContain('in use by another Varve process; stop that one');
    await server.stop();
    // As one that was never started.
    const [realtime] = cluster.of('realtime');
    await realtime!.stop();
    realtime!.wipe();
  }, 600_000);

  afterAll(async () => {
    await cluster?.close();
    for (const path of [dataDir, backupDir]) rmSync(path, { recursive: true, force: true });
  });

  /** Pushes a batch of two rows; gives the answer. */
  async function push({ url }: DruidClient, sequence: number): Promise<unknown> {
    const rows = [1, 2].map((n) => `{"time":"2024-05-01T10:00:0${n}Z","n":${10 * sequence + n}}`);
    const response = await fetch(`${url}/v1/tables/clicks/rows`, {
      method: 'POST',
      headers: { 'x-varve-producer': 'app', 'x-varve-sequence': String(sequence) },
      body: rows.join('\n'),
    });
    return response.json();
  }

  /** Rows and their sum; with those of the push that answered so. */
  const clicks = (answer?: unknown): Promise<unknown> =>
    broker.sql('SELECT COUNT(*), SUM(n) FROM clicks', {
      ...(answer !== undefined && { ingestToken: (answer as { token: string }).token }),
    });

  /** Runs the command with the configuration of the realtime node. */
  async function migrate(...args: readonly string[]) {
    const { configPath, environment } = cluster.of('realtime')[0]!;
    const command = [CLI, 'migrate', '--config', configPath, ...args];
    const child = spawn(process.execPath, command, { env: { ...process.env, ...environment } });
    const texts = { out: '', told: '' };
    child.stdout.on('data', (bytes) => {
      texts.out += bytes;
    });
    child.stderr.on('data', (bytes) => {
      texts.told += bytes;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    return { code, ...texts };
  }

  async function expectSameAnswers() {
    expect(expected.length).toBeGreaterThan(10);
    for (const [i, query] of QUERIES.entries()) {
      expect(difference(expected[i], await answerOf(broker, query)), query.name).toBeNull();
    }
  }

  const isThere = (table: string) =>
    until(
      `the rows of ${table}`,
      async () =>
        (await broker.request('POST', '/druid/v2/sql', { query: `SELECT COUNT(*) FROM ${table}` }))
          .status === 200,
      120_000,
    );

  test('the same answers, and the tasks that there were', async () => {
    onTestFailed(() => console.log(cluster.logs(8)));
    const looked = await migrate('--from', dataDir, '--dry-run');
    expect(looked).toMatchObject({ code: 0, out: 'nothing is in the way; nothing was copied\n' });
    expect(looked.told).toMatch(/^tables: clicks, countries, events\n\d+ segments, [\d.]+ [kM]B/);
    const moved = await migrate('--from', dataDir);
    expect(moved.told).not.toContain('varve:');
    expect(moved.out).toMatch(/^3 tables with \d+ segments, verified, in the cluster after/);
    const leader = new DruidClient(cluster.of('coordinator')[0]!.url);
    for (const table of ['events', 'countries']) {
      await isThere(table);
      await leader.loaded(table, { timeoutMs: 240_000 });
    }
    await expectSameAnswers();
    const { status } = (await leader.get(`/druid/indexer/v1/task/${task}/status`)) as {
      status: { statusCode: string };
    };
    expect(status.statusCode).toBe('SUCCESS');
    const again = await migrate('--from', dataDir);
    expect(again.out).toContain('has taken over all of this directory before');
    await cluster.of('realtime')[0]!.start();
    await isThere('clicks');
    expect(await clicks()).toEqual([[4, 66]]);
    for (const sequence of [1, 2])
      expect(await push(broker, sequence)).toMatchObject({ stored: 2, duplicate: true });
    const third = await push(broker, 3);
    expect(third).toMatchObject({ stored: 2, duplicate: false });
    expect(await clicks(third)).toEqual([[6, 129]]);
  }, 600_000);

  test('a backup as docs/backup.md tells it is a cluster again', async () => {
    onTestFailed(() => console.log(cluster.logs(8)));
    const { postgres, directory, nodes } = cluster;
    const deep = join(directory, 'deep');
    const dump = join(backupDir, 'metadata.dump');
    const run = (program: string, ...args: string[]) =>
      execFileSync(join(findPostgres()!, program), args, { encoding: 'utf8' });
    // A node that ends hands its rows off, and leaves what it knows of producers in the metadata.
    const [realtime] = cluster.of('realtime');
    await realtime!.stop();
    run('pg_dump', '--format=custom', `--file=${dump}`, postgres.url);
    await realtime!.start();
    await until('a node for pushes', async () => stored(await push(broker, 4)) === 2, 60_000);
    cpSync(deep, join(backupDir, 'deep'), { recursive: true });
    for (const node of nodes) await node.kill();
    run('psql', postgres.url, '-c', 'DROP SCHEMA public CASCADE', '-c', 'CREATE SCHEMA public');
    for (const name of readdirSync(deep)) rmSync(join(deep, name), { recursive: true });
    for (const node of nodes) node.wipe();
    // What is there by then is no backup of anything.
    writeFileSync(join(deep, 'left-over'), 'x');
    run('pg_restore', `--dbname=${postgres.url}`, dump);
    cpSync(join(backupDir, 'deep'), deep, { recursive: true });
    for (const node of nodes) await node.start();
    const leader = new DruidClient(cluster.of('coordinator')[0]!.url);
    for (const table of ['events', 'countries']) {
      await isThere(table);
      await leader.loaded(table, { timeoutMs: 240_000 });
    }
    await expectSameAnswers();
    await isThere('clicks');
    expect(await clicks()).toEqual([[6, 129]]);
    // What came after the dump is not there; sent again, it is, and what came before it is no second time.
    expect(await push(broker, 3)).toMatchObject({ stored: 2, duplicate: true });
    const fourth = await push(broker, 4);
    expect(fourth).toMatchObject({ stored: 2, duplicate: false });
    expect(await clicks(fourth)).toEqual([[8, 212]]);
  }, 600_000);
});

const stored = (answer: unknown): unknown => (answer as { stored?: number }).stored;
