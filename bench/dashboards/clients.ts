/** The clients' process: asks over HTTP as `main.ts` says by message, and answers with what it saw. */
import { Agent, request } from 'node:http';
import { closedLoop, type LoopPlan, type Round } from './closed-loop.js';
import { requestAt } from './events.js';

export interface ClientsOrder extends LoopPlan {
  readonly url: string;
  readonly clients: number;
}

export interface ClientsReport extends Round {
  /** CPU time of this process. */
  readonly cpuMs: number;
}

function httpClient(url: string): (place: number) => Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return (place) =>
    new Promise((resolve, reject) => {
      const { sql } = requestAt(place);
      const body = JSON.stringify({ query: sql, resultFormat: 'array' });
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const sent = request(`${url}/druid/v2/sql`, { method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('error', reject);
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve(text) : reject(new Error(text.slice(0, 500))),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
}

async function run({ url, clients, ...plan }: ClientsOrder): Promise<ClientsReport> {
  const asks = Array.from({ length: clients }, () => httpClient(url));
  const before = process.cpuUsage();
  const round = await closedLoop(asks, plan);
  const { user, system } = process.cpuUsage(before);
  return { ...round, cpuMs: (user + system) / 1000 };
}

process.once('message', (order: ClientsOrder) => {
  run(order).then(
    (report) => process.send!(report, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
