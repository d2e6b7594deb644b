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
      nodes: { coordinator: 1, historical: 2, broker: 1 },
      cluster: { roundMs: 500 },
    });
    broker = new DruidClient(cluster.of('broker')[0]!.url);
    const server = await ServerProcess.start({ dataDir });
    const one = new DruidClient(server.url);
    for (const spec of sameData()) {
      task = await one.submit(spec);
      await one.finished(task);
    }
    for (const query of SAME_QUERIES) expected.push(await answerOf(one, query));
    const refused = await migrate('--from', dataDir);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.told).toContain('in use by another Varve process; stop that one');
    await server.stop();
  }, 240_000);

  afterAll(async () => {
    await cluster?.close();
    for (const path of [dataDir, backupDir]) rmSync(path, { recursive: true, force: true });
  });

  /** Runs the command with the configuration of the coordinator. */
  async function migrate(...args: readonly string[]) {
    const { configPath, environment } = cluster.of('coordinator')[0]!;
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
    for (const [i, query] of SAME_QUERIES.entries()) {
      expect(difference(expected[i], await answerOf(broker, query)), query.name).toBeNull();
    }
  }

  const isThere = (table: string) =>
    until(
      `the rows of ${table}`,
      async () =>
        (await broker.request('POST', '/druid/v2/sql', { query: `SELECT COUNT(*) FROM ${table}` }))
          .status === 200,
      60_000,
    );

  test('the same answers, and the tasks that there were', async () => {
    onTestFailed(() => console.log(cluster.logs(8)));
    const looked = await migrate('--from', dataDir, '--dry-run');
    expect(looked).toMatchObject({ code: 0, out: 'nothing is in the way; nothing was copied\n' });
    expect(looked.told).toMatch(/^tables: countries, events\n\d+ segments, [\d.]+ [kM]B/);
    const moved = await migrate('--from', dataDir);
    expect(moved.told).not.toContain('varve:');
    expect(moved.out).toMatch(/^2 tables with \d+ segments, verified, in the cluster after/);
    for (const table of ['events', 'countries']) await isThere(table);
    await expectSameAnswers();
    const leader = new DruidClient(cluster.of('coordinator')[0]!.url);
    for (const table of ['events', 'countries']) await leader.loaded(table);
    await expectSameAnswers();
    const { status } = (await leader.get(`/druid/indexer/v1/task/${task}/status`)) as {
      status: { statusCode: string };
    };
    expect(status.statusCode).toBe('SUCCESS');
    const again = await migrate('--from', dataDir);
    expect(again.out).toContain('has taken over all of this directory before');
  }, 240_000);

  test('a backup as docs/backup.md tells it is a cluster again', async () => {
    onTestFailed(() => console.log(cluster.logs(8)));
    const { postgres, directory, nodes } = cluster;
    const deep = join(directory, 'deep');
    const dump = join(backupDir, 'metadata.dump');
    const run = (program: string, ...args: string[]) =>
      execFileSync(join(findPostgres()!, program), args, { encoding: 'utf8' });
    // While all of it runs: first the metadata, then the objects.
    run('pg_dump', '--format=custom', `--file=${dump}`, postgres.url);
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
    for (const table of ['events', 'countries']) await isThere(table);
    await expectSameAnswers();
  }, 240_000);
});
