/** The clients' process: asks over HTTP as `main.ts` says by message, and answers with what it saw. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { closedLoop } from '../dashboards/closed-loop.js';
import { type OpenRound, type Outcome, openLoop, type Stretch } from './open-loop.js';
import { panelAt } from './panels.js';

interface Target {
  readonly url: string;
  readonly caches: boolean;
  /** Connections that are used at once. */
  readonly connections: number;
  readonly start: number;
}

export type Order =
  | (Target & { readonly kind: 'closed'; readonly seconds: number })
  | (Target & { readonly kind: 'open'; readonly stretches: readonly Stretch[] });

/** Of a closed loop. */
export interface Capacity {
  readonly perSecond: number;
}

/**
 * As many connections, open already, as those of dashboards are: a busy event loop accepts one in each of its turns and no more (libuv
 * from 1.45 on), so that else one would measure how long it takes to get in.
 */
async function connected({ url, connections }: Target): Promise<Agent> {
  const sockets = { maxSockets: connections, maxFreeSockets: connections };
  const agent = new Agent({ keepAlive: true, scheduling: 'fifo', ...sockets });
  const open = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(`${url}/status/health`, { agent }, (answer) =>
        answer.resume().on('end', resolve),
      );
      sent.on('error', reject).end();
    });
  await Promise.all(Array.from({ length: connections }, open));
  return agent;
}

/** Why requests failed, and how many. */
const failures = new Map<string, number>();

function failed(why: string): Outcome {
  failures.set(why, (failures.get(why) ?? 0) + 1);
  return 'failed';
}

function client({ url, caches }: Target, agent: Agent): (place: number) => Promise<Outcome> {
  const context = ['useCache', 'populateCache', 'useResultLevelCache', 'populateResultLevelCache'];
  const flags = Object.fromEntries(context.map((key) => [key, caches]));
  return (place) =>
    new Promise((resolve) => {
      const query = panelAt(place);
      const body = JSON.stringify({ query, resultFormat: 'array', context: flags });
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const options = { method: 'POST', agent, headers } as const;
      const sent = request(`${url}/druid/v2/sql`, options, (answer) =>
        answer
          .resume()
          .on('error', ({ message }) => resolve(failed(message)))
          .on('end', () => resolve(outcomeOf(answer))),
      );
      sent.on('error', ({ message }) => resolve(failed(message)));
      sent.end(body);
    });
}

function outcomeOf({ statusCode }: IncomingMessage): Outcome {
  if (statusCode === 429) return 'refused';
  return statusCode === 200 ? 'answered' : failed(`status ${statusCode}`);
}

async function run(order: Order): Promise<OpenRound | Capacity> {
  const ask = client(order, await connected(order));
  const { connections, start } = order;
  if (order.kind === 'open') {
    return openLoop(ask, { stretches: order.stretches, start, maxUnderWay: connections });
  }
  let answered = 0;
  const asks = new Array<typeof ask>(connections).fill(async (place) => {
    const outcome = await ask(place);
    if (outcome === 'answered') answered++;
    return outcome;
  });
  const { seconds } = await closedLoop(asks, { seconds: order.seconds, start });
  return { perSecond: answered / seconds };
}

process.once('message', (order: Order) => {
  run(order).then(
    (report) => {
      for (const [why, times] of failures) console.error(`${times} failed: ${why}`);
      process.send!(report, () => process.exit(0));
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
