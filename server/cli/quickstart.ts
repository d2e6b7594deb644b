import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { parseJson, RealDisk, UserError, utf8Decode } from '../../core/index.js';
import { startServer } from '../server.js';
import { Client } from './client.js';
import { ingest } from './ingest.js';
import { closeOnSignal, type ServeFlags, serveConfig } from './serve.js';
import { sqlRows } from './sql.js';
import { textTable } from './table.js';

/** Questions that show what the data is and what the store can do. */
const QUESTIONS = [
  {
    title: 'The ten busiest airports',
    sql: `SELECT origin, COUNT(*) AS flights, AVG(delay * 1.0) AS mean_delay
FROM flights GROUP BY origin ORDER BY flights DESC LIMIT 10`,
  },
  {
    title: 'Flights and delayed flights by month',
    sql: `SELECT TIME_FORMAT(TIME_FLOOR(__time, 'P1M'), 'yyyy-MM') AS "month", COUNT(*) AS flights,
  COUNT(*) FILTER (WHERE delay >= 60) AS an_hour_late
FROM flights GROUP BY 1 ORDER BY 1`,
  },
  {
    title: 'About how many routes are flown',
    sql: `SELECT APPROX_COUNT_DISTINCT(origin || '-' || destination) AS routes FROM flights`,
  },
];

export function quickstartCommand(): Command {
  return new Command('quickstart')
    .description('start a server, load three million flights, ask a few questions')
    .option('--port <number>', 'port to listen on, 0 for any free one (default 8888)')
    .option('--data-dir <directory>', 'where the data lives (default ./varve-data)')
    .action(quickstart);
}

async function quickstart(flags: ServeFlags): Promise<void> {
  const data = flightsDirectory();
  const server = await startServer(serveConfig({ logLevel: 'warn', ...flags, localRoot: [data] }));
  closeOnSignal(server);
  const client = new Client(server.url);
  if (server.node.inventory.tables().includes('flights')) {
    print(`The flights are there from an earlier run (in ${resolve(server.node.config.dataDir)}).`);
  } else {
    print(
      'Loading three million flights (the United States, January to June 2001) by examples/flights.json …',
    );
    await ingest(client, flightsSpec(data));
  }
  for (const { title, sql } of QUESTIONS) await ask(client, title, sql);
  print(
    `\nVarve is listening on ${server.url} until Ctrl-C. Try another question in a second terminal:\n`,
  );
  print(
    `  npx varve sql --url ${server.url} "SELECT destination, MAX(distance) AS miles FROM flights GROUP BY destination ORDER BY miles DESC LIMIT 5"\n`,
  );
}

async function ask(client: Client, title: string, sql: string): Promise<void> {
  const startMs = performance.now();
  const [header = [], ...rows] = await sqlRows(client, sql);
  const tookMs = performance.now() - startMs;
  print(
    `\n${title}\n\n${sql}\n\n${textTable(header.map(String), rows)}\n\n(${tookMs.toFixed(0)} ms)`,
  );
}

const require = createRequire(import.meta.url);

/** Where the package vega-datasets keeps its files. */
function flightsDirectory(): string {
  try {
    return join(dirname(require.resolve('vega-datasets')), '..', 'data');
  } catch {
    throw new UserError(
      'the flights are in the package vega-datasets: run "npm install vega-datasets", then try again',
    );
  }
}

/** The spec from examples/, reading from where the package really lies. */
function flightsSpec(data: string) {
  const root = dirname(require.resolve('varve/package.json'));
  const text = utf8Decode(new RealDisk().readFile(join(root, 'examples', 'flights.json')));
  return parseJson(text.replace('node_modules/vega-datasets/data', data)) as Record<
    string,
    unknown
  >;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
