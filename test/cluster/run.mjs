#!/usr/bin/env node
/**
 * A whole cluster on this machine: `npm run cluster [-- --once --nodes broker=1,historical=2 --storage local|s3 --local-root DIRECTORY]`. Starts
 * PostgreSQL, deep storage and the nodes, loads the three million flights of the quickstart, asks both brokers about them, and
 * stays until Ctrl-C; with --once it ends after the checks, with 1 where one has failed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ClusterProcesses, ROLES, WHOLE } from './cluster-processes.mjs';
import { DruidClient, until } from './druid-client.mjs';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const DATA = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data');

const ROWS = 3_000_000;
const BATCHES = 50;
const BATCH_ROWS = 1000;
const QUESTION = `SELECT origin, COUNT(*) AS flights, SUM(delay) AS late FROM flights GROUP BY origin
ORDER BY flights DESC LIMIT 5`;

/** How many nodes of each role `text` names; of the others there are none. */
function parseNodes(text) {
  const counts = text.split(',').map((part) => part.split('='));
  for (const [role, count] of counts) {
    if (!ROLES.includes(role) || !/^\d+$/.test(count ?? '')) {
      throw new Error(
        `--nodes: "${role}=${count}": want such as broker=1,historical=2,coordinator=1`,
      );
    }
  }
  return Object.fromEntries(counts.map(([role, count]) => [role, Number(count)]));
}

function parseFlags() {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      nodes: { type: 'string' },
      storage: { type: 'string', default: 's3' },
      'local-root': { type: 'string', multiple: true, default: [] },
    },
  });
  if (!['local', 's3'].includes(values.storage)) {
    throw new Error(`--storage: "${values.storage}": want local or s3`);
  }
  const nodes = values.nodes === undefined ? WHOLE : parseNodes(values.nodes);
  return { ...values, nodes, localRoots: [DATA, ...values['local-root']] };
}

function flightsSpec() {
  const text = readFileSync(join(REPOSITORY, 'examples', 'flights.json'), 'utf8');
  return JSON.parse(text.replace('node_modules/vega-datasets/data', DATA));
}

/** What runs where, in columns. */
function printNodes({ nodes, postgres, s3 }) {
  const rows = [
    ['node', 'role', 'pid', 'url'],
    ...nodes.map(({ name, role, pid, url }) => [name, role, `${pid}`, url]),
    ['postgresql', 'metadata', `${postgres.pid}`, postgres.url],
    ...(s3 === null ? [] : [['s3', 'deep storage', `${s3.pid}`, s3.url.replace(/:[^:@]*@/, '@')]]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows) say(row.map((cell, i) => cell.padEnd(widths[i])).join('  '));
}

async function load(leader) {
  const startMs = performance.now();
  await until('a leader', async () => (await leader.get('/druid/coordinator/v1/leader')) !== null);
  await leader.load(flightsSpec());
  say(`The task has ended after ${secondsSince(startMs)}; historicals load its segments …`);
  await leader.loaded('flights');
  say(`They are served after ${secondsSince(startMs)}.`);
}

/** Asks every broker, and nothing else. Gives how many answers are wrong. */
async function ask(brokers) {
  const answers = [];
  for (const { name, url } of brokers) {
    const client = new DruidClient(url);
    const [[count]] = await client.sql('SELECT COUNT(*) FROM flights');
    const startMs = performance.now();
    const rows = await client.sql(QUESTION);
    say(`${name}: ${count} rows; the question took ${secondsSince(startMs)}`);
    answers.push({ name, count, rows: JSON.stringify(rows) });
  }
  say(`\n${QUESTION}\n${answers[0].rows}`);
  const wrong = answers.filter(({ count, rows }) => count !== ROWS || rows !== answers[0].rows);
  for (const { name, count, rows } of wrong) say(`WRONG: ${name} has ${count} rows and ${rows}`);
  return wrong.length;
}

/** Pushes batches of rows to all nodes that take them, by turns; each broker counts all rows. Gives how many are wrong. */
async function push(cluster) {
  const nodes = ['broker', 'realtime', 'coordinator'].flatMap((role) => cluster.of(role));
  const startMs = performance.now();
  let token = '';
  for (let batch = 0; batch < BATCHES; batch++) {
    const rows = Array.from({ length: BATCH_ROWS }, (_, i) => {
      const timestamp = new Date(Date.now() - i).toISOString();
      return JSON.stringify({ timestamp, user: `u${i % 97}`, value: batch * BATCH_ROWS + i });
    });
    const client = new DruidClient(nodes[batch % nodes.length].url);
    ({ token } = await client.push('clicks', rows.join('\n'), {
      producer: 'run',
      sequence: batch,
    }));
  }
  const pushed = BATCHES * BATCH_ROWS;
  say(`${pushed} rows pushed to ${nodes.length} nodes by turns in ${secondsSince(startMs)}`);
  let wrong = 0;
  for (const { name, url } of cluster.of('broker')) {
    const context = { ingestToken: token };
    const [row] = await new DruidClient(url).sql(
      'SELECT COUNT(*), SUM("value") FROM clicks',
      context,
    );
    say(`${name} counts ${row[0]} of them`);
    if (row[0] !== pushed || row[1] !== (pushed * (pushed - 1)) / 2) wrong++;
  }
  return wrong;
}

async function check(cluster) {
  const [coordinator] = cluster.of('coordinator');
  say('\nLoading three million flights by examples/flights.json …');
  await load(new DruidClient(coordinator.url));
  const wrong = await ask(cluster.of('broker'));
  if (cluster.of('realtime').length === 0) return wrong === 0;
  say('\nPushing rows …');
  return wrong + (await push(cluster)) === 0;
}

function printHints(cluster) {
  const [broker] = cluster.of('broker');
  const [coordinator] = cluster.of('coordinator');
  say(`\nThe cluster runs until Ctrl-C. Its logs are in ${cluster.directory}/NODE/log.txt. Try:\n`);
  say(`  npx varve sql --url ${broker.url} "SELECT * FROM sys.servers"`);
  for (const path of ['loadstatus?full', 'servers?simple']) {
    say(`  curl -L '${coordinator.url}/druid/coordinator/v1/${path}'`);
  }
  say(`  curl -L '${coordinator.url}/druid/indexer/v1/tasks'\n`);
}

/** Settles at the first signal; a second one ends the process at once. */
const signalled = () =>
  new Promise((resolve) => {
    let asked = 0;
    const onSignal = () => (asked++ > 0 ? process.exit(130) : resolve());
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });

async function main() {
  const { once, nodes, storage, localRoots } = parseFlags();
  for (const role of ['broker', 'coordinator']) {
    if (!(nodes[role] > 0)) throw new Error(`--nodes: there is no ${role}, want one at least`);
  }
  const signal = signalled();
  const startMs = performance.now();
  // Where it is ended while it starts, the reaper ends what has been started.
  const cluster = await Promise.race([
    ClusterProcesses.start({ nodes, storage, localRoots }),
    signal.then(() => process.exit(130)),
  ]);
  try {
    say(`${cluster.nodes.length} nodes answer after ${secondsSince(startMs)}.\n`);
    printNodes(cluster);
    const isGood = await Promise.race([check(cluster), signal.then(() => null)]);
    if (isGood === false) process.exitCode = 1;
    if (isGood === null || once) return;
    printHints(cluster);
    await signal;
  } catch (error) {
    say(cluster.logs());
    throw error;
  } finally {
    await cluster.close();
  }
}

const say = (text) => void process.stdout.write(`${text}\n`);
const secondsSince = (startMs) => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;

try {
  await main();
} catch (error) {
  say(`${error.message}${error.cause ? ` (${error.cause.message})` : ''}`);
  process.exitCode = 1;
}
process.exit();
