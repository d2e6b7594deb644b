import type { Part, PartOptions } from '../parts.js';
import { table } from '../query/markdown.js';
import { count } from '../query/options.js';
import { type Load, loadOf } from './load.js';
import { type Cluster, ClusterProcesses, cpuOf, DruidClient, until } from './processes.js';

const CLIENTS = 4;
const BATCH_ROWS = 1000;

/** What a node has that is lost, and nobody published. */
const UNPUBLISHED_ROWS = 1_000_000;

const SPEC = {
  timestampSpec: { column: 'time', format: 'millis' },
  dimensionsSpec: { dimensions: ['key', { type: 'long', name: 'value' }] },
  granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'NONE', rollup: false },
  // By nobody but who takes over.
  handoff: { maxRows: 100_000_000, period: 'P1D' },
};

/** Defaults, for how soon somebody is missed. */
const start = (pushCopies: number): Promise<Cluster> =>
  ClusterProcesses.start({
    nodes: { broker: 1, coordinator: 1, historical: 1, realtime: 2 },
    cluster: { pushCopies },
  });

/** Pushes batches by producers of their own, each again until it is stored. */
class Pushing {
  readonly #client: InstanceType<typeof DruidClient>;
  readonly #idle: { readonly producer: string; sequence: number }[] = [];
  #producers = 0;
  rows = 0;

  constructor(cluster: Cluster) {
    this.#client = new DruidClient(cluster.of('broker')[0]!.url);
  }

  async declare(): Promise<void> {
    await until('the table', async () => {
      const { status } = await this.#client.request('PUT', '/v1/tables/pushed', SPEC);
      return status === 200;
    });
  }

  readonly push = async (): Promise<void> => {
    const sender = this.#idle.pop() ?? { producer: `p${this.#producers++}`, sequence: 0 };
    const lines = Array.from({ length: BATCH_ROWS }, (_, i) => {
      const time = Date.UTC(2024, 0, 1) + ((sender.sequence * BATCH_ROWS + i) % 3_600_000);
      return `{"time":${time},"key":"k${i % 100}","value":${i}}`;
    });
    await this.#client.push('pushed', lines.join('\n'), sender);
    sender.sequence++;
    this.rows += BATCH_ROWS;
    this.#idle.push(sender);
  };

  async untilCounted(): Promise<void> {
    await until('all rows', async () => {
      const [row] = await this.#client.sql('SELECT COUNT(*) FROM pushed');
      return row?.[0] === this.rows;
    });
  }
}

/** Resolves when the log of some node is on as many nodes as it is to be. */
async function untilCopied(cluster: Cluster, copies: number): Promise<void> {
  await until('standbys', async () => {
    for (const { url } of cluster.of('realtime')) {
      const text = await (await fetch(`${url}/metrics`)).text();
      if (!text.includes(`varve_push_log_copies ${copies}\n`)) return false;
    }
    return true;
  });
}

async function pushed(copies: number, seconds: number): Promise<Load> {
  const cluster = await start(copies);
  try {
    await untilCopied(cluster, copies);
    const pushing = new Pushing(cluster);
    await pushing.declare();
    await pushing.push();
    return await loadOf(pushing.push, [cpuOf(cluster, 'realtime')], { clients: CLIENTS, seconds });
  } finally {
    await cluster.close();
  }
}

interface TakeOver {
  /** From the kill until a batch is stored, and until all rows are counted. */
  readonly storedMs: number;
  readonly countedMs: number;
}

async function takeOver(): Promise<TakeOver> {
  const cluster = await start(2);
  try {
    await untilCopied(cluster, 2);
    const pushing = new Pushing(cluster);
    await pushing.declare();
    while (pushing.rows < UNPUBLISHED_ROWS) await pushing.push();
    await pushing.untilCounted();
    const owner = cluster.of('realtime')[0]!;
    const startMs = performance.now();
    await owner.kill();
    await until('a batch', () => pushing.push().then(() => true));
    const storedMs = performance.now() - startMs;
    await pushing.untilCounted();
    return { storedMs, countedMs: performance.now() - startMs };
  } finally {
    await cluster.close();
  }
}

async function run({ setting, say }: PartOptions) {
  const seconds = count('seconds', setting('seconds'));
  const loads: { readonly copies: number; readonly load: Load }[] = [];
  for (const copies of [1, 2]) {
    say(`pushes with ${copies === 1 ? 'one copy' : `${copies} copies`} of each row …`);
    loads.push({ copies, load: await pushed(copies, seconds) });
  }
  say('the node that takes the rows is killed …');
  const lost = await takeOver();
  return { text: report(loads, lost), json: { loads, lost } };
}

const ms = (value: number): string => value.toPrecision(3);

function report(
  loads: readonly { readonly copies: number; readonly load: Load }[],
  { storedMs, countedMs }: TakeOver,
): string {
  const lines = loads.map(({ copies, load }) => [
    String(copies),
    Math.round(load.perSecond * BATCH_ROWS).toLocaleString('en'),
    ms(load.p50Ms),
    ms(load.p99Ms),
    ms(load.cpuMs[0]!),
  ]);
  const head = ['copies', 'rows a second', 'p50', 'p99', 'CPU of both realtime nodes'];
  const seconds = (value: number) => (value / 1000).toFixed(1);
  return `### copies: rows on more than one disk

${CLIENTS} clients, batches of ${BATCH_ROWS} rows through a broker; milliseconds for a batch.

${table(head, lines)}

The node that takes the rows is killed, with ${UNPUBLISHED_ROWS.toLocaleString('en')} rows that only its standby has: a batch is stored again after ${seconds(storedMs)} s, all rows are counted after ${seconds(countedMs)} s.`;
}

export const copies: Part = { name: 'copies', run };
