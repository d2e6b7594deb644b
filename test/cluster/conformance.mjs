#!/usr/bin/env node
/**
 * The public conformance cases, asked of a small cluster: `npm run conformance:cluster [-- --native 331 --sql 133 …]`. Starts
 * PostgreSQL and the nodes, has test/conformance.mjs ask them with the same flags, and ends as that does.
 */
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClusterProcesses } from './cluster-processes.mjs';
import { DruidClient, until } from './druid-client.mjs';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where the data sets of the cases are; the leader reads them. */
const SHARED = resolve(REPOSITORY, '..', 'shared');

const NODES = { broker: 1, historical: 1, coordinator: 1 };

/** So that what is loaded one after another is served soon. */
const FAST = { roundMs: 500 };

function runCases(broker, coordinator) {
  const program = join(REPOSITORY, 'test', 'conformance.mjs');
  const urls = ['--url', broker.url, '--tasks-url', coordinator.url];
  const child = spawn(process.execPath, [program, ...urls, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  return new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
}

async function main() {
  const cluster = await ClusterProcesses.start({
    nodes: NODES,
    localRoots: [SHARED],
    cluster: FAST,
  });
  try {
    const [broker] = cluster.of('broker');
    const [coordinator] = cluster.of('coordinator');
    const leader = new DruidClient(coordinator.url);
    await until(
      'a leader',
      async () => (await leader.get('/druid/coordinator/v1/leader')) !== null,
    );
    return await runCases(broker, coordinator);
  } finally {
    await cluster.close();
  }
}

process.exit(await main());
