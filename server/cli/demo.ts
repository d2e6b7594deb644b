import { Command } from 'commander';
import { SeededRandom, systemClock, UserError } from '../../core/index.js';
import { httpProducer } from '../producer/http-producer.js';
import type { Producer } from '../producer/producer.js';
import { startServer } from '../server.js';
import { Client, DEFAULT_URL } from './client.js';
import { Pace, type ShopEvent, ShopEvents } from './demo-events.js';
import { type ServeFlags, serveConfig } from './serve.js';

const TABLE = 'shop';

/** Every event is a row by itself; those that come more than half a minute late are put aside. */
const SPEC = {
  timestampSpec: { column: 'time', format: 'iso' },
  dimensionsSpec: {
    dimensions: [
      'action',
      'product',
      'country',
      { type: 'long', name: 'visitor' },
      { type: 'long', name: 'price' },
    ],
  },
  granularitySpec: { segmentGranularity: 'HOUR', rollup: false },
  time: { outOfOrderness: 'PT5S', allowedLateness: 'PT30S', late: 'deadLetter' },
  handoff: { period: 'PT1M' },
};

const QUESTION =
  "SELECT product, COUNT(*) AS events, COUNT(*) FILTER (WHERE action = 'buy') AS sold, " +
  'SUM(price) / 100 AS revenue, MAX(__time) AS latest FROM shop GROUP BY product ORDER BY events DESC';

interface DemoFlags extends ServeFlags {
  readonly url?: string;
  readonly rate: string;
  readonly seed: string;
  readonly seconds?: string;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('push events of a made-up shop, so that there is something to watch')
    .option('--url <url>', 'push to this server; by default the one at :8888, or a new one')
    .option('--port <number>', 'port of the new server, 0 for any free one (default 8888)')
    .option('--data-dir <directory>', 'where its data lives (default ./varve-data)')
    .option('--rate <number>', 'events a second', '5000')
    .option('--seconds <number>', 'stop after so long; by default it goes on until Ctrl-C')
    .option('--seed <number>', 'the same number makes the same events', '1')
    .action(demo);
}

async function demo({ url: given, rate, seed, seconds, ...flags }: DemoFlags): Promise<void> {
  const perSecond = positive(rate, '--rate');
  const forMs =
    seconds === undefined ? Number.POSITIVE_INFINITY : positive(seconds, '--seconds') * 1000;
  const { url, close } = await serverFor(given, flags);
  await new Client(url).put(`/v1/tables/${TABLE}`, SPEC);
  print(`Pushing ${perSecond} events a second into ${url}. In a second terminal:\n`);
  print(`  npx varve sql --url ${url} --watch 1 "${QUESTION}"\n`);
  print(`Late ones are put aside: npx varve dead-letters ${TABLE} --url ${url}\n`);
  const producer = httpProducer<ShopEvent>(url, TABLE);
  const ended = endOf(forMs);
  await produce(producer, new ShopEvents(new SeededRandom(Number(seed))), perSecond, ended);
  await producer.close();
  print(status(producer));
  await close();
}

interface DemoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The server that was named, or runs already; otherwise one of our own. */
async function serverFor(url: string | undefined, flags: ServeFlags): Promise<DemoServer> {
  const close = async () => undefined;
  if (url !== undefined) return { url, close };
  if (flags.port === undefined && flags.dataDir === undefined && (await answers(DEFAULT_URL))) {
    return { url: DEFAULT_URL, close };
  }
  return startServer(serveConfig({ logLevel: 'warn', ...flags }));
}

/** Raised after so long, or at Ctrl-C: then what is on its way is still stored. A second Ctrl-C ends at once. */
function endOf(forMs: number): AbortSignal {
  const ending = new AbortController();
  const end = () => {
    if (ending.signal.aborted) process.exit(130);
    ending.abort();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  if (Number.isFinite(forMs)) setTimeout(() => ending.abort(), forMs).unref();
  return ending.signal;
}

async function answers(url: string): Promise<boolean> {
  try {
    await new Client(url).get('/status/health');
    return true;
  } catch {
    return false;
  }
}

const TURN_MS = 20;
const REPORT_MS = 5000;

async function produce(
  producer: Producer<ShopEvent>,
  events: ShopEvents,
  perSecond: number,
  ended: AbortSignal,
): Promise<void> {
  const startMs = systemClock.nowMs();
  const pace = new Pace(perSecond, startMs);
  let reportMs = startMs + REPORT_MS;
  while (!ended.aborted) {
    const nowMs = systemClock.nowMs();
    for (let due = pace.due(nowMs); due > 0; due--) await producer.send(events.next(nowMs));
    if (nowMs >= reportMs) {
      print(status(producer));
      reportMs = nowMs + REPORT_MS;
    }
    await new Promise((wake) => setTimeout(wake, TURN_MS));
  }
}

function status({ counts }: Producer<ShopEvent>): string {
  const shown = (count: number) => count.toLocaleString('en-US');
  return `${shown(counts.stored)} stored, ${shown(counts.late)} late, ${shown(counts.pending)} on their way, ${counts.retries} retries`;
}

function positive(text: string, flag: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new UserError(`${flag}: want a number above 0; got ${text}`);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
