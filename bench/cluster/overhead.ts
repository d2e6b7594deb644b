import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FLIGHTS_DIRECTORY } from '../flights.js';
import type { Part, PartOptions } from '../parts.js';
import { table } from '../query/markdown.js';
import { count } from '../query/options.js';
import type { Costs } from './cost-model.js';
import { lineThrough } from './line.js';
import { type Load, loadOf } from './load.js';
import { paper } from './paper.js';
import { type Cluster, cpuOf, DruidClient, loadTable, startCluster } from './processes.js';
import { flightsSpec, hourInterval, hourOf, hoursSpec } from './tables.js';

const HISTORICALS = 8;
const FLIGHTS = 3_000_000;
/** Ten rows in a segment: what is measured is all but the scan. */
const SMALL = { table: 'small', rows: 10 };
/** Groups that every node has, too. */
const KEYS = { table: 'keys', segments: 64, rows: 1000 };

/** And all of them. */
const SEGMENT_COUNTS = [10, 100, 1000];
const NODE_COUNTS = [1, 2, 4, 8];
/** Of a question to some of the nodes, however many they are. */
const ASKED_SEGMENTS = 8;

/** Points of one measurement: how many of what, and what a question cost. */
interface Point {
  readonly x: number;
  readonly load: Load;
}

interface Overhead {
  readonly bySegments: readonly Point[];
  readonly byNodes: readonly Point[];
  /** Of groups that a node gives. */
  readonly byGroups: readonly Point[];
  readonly scan: Load;
}

/** What one client asks of the broker. */
class Asking {
  readonly #client: InstanceType<typeof DruidClient>;

  constructor(
    private readonly cluster: Cluster,
    private readonly seconds: number,
  ) {
    this.#client = new DruidClient(cluster.of('broker')[0]!.url);
  }

  /** Which hours of a table lie on which node. */
  async hoursOf(name: string): Promise<number[][]> {
    const rows = await this.#client.sql('SELECT server, segment_id FROM sys.server_segments');
    const nodes = new Map<unknown, number[]>();
    for (const [server, id] of rows) {
      const hour = hourOf(String(id), name);
      if (hour !== null) nodes.set(server, [...(nodes.get(server) ?? []), hour]);
    }
    return [...nodes.values()];
  }

  /** Rows of some hours, as `groupBy` of a dimension or as one sum. */
  async hours(name: string, hours: readonly number[], dimension?: string): Promise<Load> {
    const query = {
      queryType: dimension === undefined ? 'timeseries' : 'groupBy',
      dataSource: name,
      granularity: 'all',
      intervals: hours.map(hourInterval),
      dimensions: dimension === undefined ? [] : [dimension],
      aggregations: [{ type: 'longSum', name: 'sum', fieldName: 'value' }],
    };
    return this.#load(() => this.#client.post('/druid/v2', query));
  }

  scan(): Promise<Load> {
    return this.#load(() => this.#client.sql('SELECT origin, SUM(delay) FROM flights GROUP BY 1'));
  }

  #load(ask: () => Promise<unknown>): Promise<Load> {
    const clocks = [cpuOf(this.cluster, 'broker'), cpuOf(this.cluster, 'historical')];
    return loadOf(ask, clocks, { clients: 1, seconds: this.seconds });
  }
}

/** The same number of hours, of the first `count` nodes in turn. */
function hoursAt(nodes: readonly (readonly number[])[], count: number): number[] {
  if (nodes.length < count) throw new Error(`${nodes.length} of ${count} nodes have segments`);
  return Array.from(
    { length: ASKED_SEGMENTS },
    (_, i) => nodes[i % count]![Math.floor(i / count)]!,
  );
}

async function measure(asking: Asking, segments: number): Promise<Overhead> {
  const bySegments: Point[] = [];
  for (const x of [...SEGMENT_COUNTS.filter((each) => each < segments), segments]) {
    const hours = Array.from({ length: x }, (_, i) => i);
    bySegments.push({ x, load: await asking.hours(SMALL.table, hours) });
  }
  const nodes = await asking.hoursOf(KEYS.table);
  const [byNodes, byGroups]: [Point[], Point[]] = [[], []];
  for (const x of NODE_COUNTS) {
    const hours = hoursAt(nodes, x);
    byNodes.push({ x, load: await asking.hours(KEYS.table, hours) });
    byGroups.push({ x, load: await asking.hours(KEYS.table, hours, 'key') });
  }
  return { bySegments, byNodes, byGroups, scan: await asking.scan() };
}

const BROKER = 0;
const HISTORICAL = 1;

function costsOf({ bySegments, byNodes, byGroups, scan }: Overhead): Costs {
  const line = (points: readonly Point[], clock: number) =>
    lineThrough(points.map(({ x, load }) => ({ x, y: load.cpuMs[clock]! })));
  const segments = line(bySegments, BROKER);
  const nodes = line(byNodes, BROKER);
  const groups = line(byGroups, BROKER);
  const reading = line(bySegments, HISTORICAL);
  return {
    broker: {
      query: Math.max(0, nodes.base - segments.slope * ASKED_SEGMENTS),
      segment: segments.slope,
      node: nodes.slope,
      group: Math.max(0, groups.slope - nodes.slope) / KEYS.rows,
    },
    historical: {
      query: line(byNodes, HISTORICAL).slope,
      segment: reading.slope,
      row: scan.cpuMs[HISTORICAL]! / FLIGHTS,
    },
  };
}

async function run({ setting, dataDirectory, say }: PartOptions) {
  const segments = count('segments', setting('segments'));
  const seconds = count('seconds', setting('seconds'));
  const directory = mkdtempSync(join(dataDirectory, 'cluster-'));
  const cluster = await startCluster(HISTORICALS, [FLIGHTS_DIRECTORY, directory]);
  try {
    say('three million flights …');
    await loadTable(cluster, flightsSpec(), 'flights');
    for (const each of [KEYS, { ...SMALL, segments }]) {
      say(`${each.segments} segments of ${each.rows} rows …`);
      await loadTable(cluster, hoursSpec(each, directory), each.table);
    }
    say('questions …');
    const overhead = await measure(new Asking(cluster, seconds), segments);
    const costs = costsOf(overhead);
    const text = `${report(overhead)}\n\n${paper(costs)}`;
    return { text, json: { overhead, costs } };
  } finally {
    await cluster.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const ms = (value: number): string => value.toPrecision(3);

const rowsOf = (what: string, points: readonly Point[]): string[][] =>
  points.map(({ x, load }) => [
    what.replace('#', String(x)),
    ms(load.p50Ms),
    ms(load.p99Ms),
    ms(load.cpuMs[BROKER]!),
    ms(load.cpuMs[HISTORICAL]!),
  ]);

function report({ bySegments, byNodes, byGroups, scan }: Overhead): string {
  const lines = [
    ...rowsOf(`# segments of ${SMALL.rows} rows on ${HISTORICALS} nodes`, bySegments),
    ...rowsOf(`${ASKED_SEGMENTS} segments of ${KEYS.rows} rows on # nodes`, byNodes),
    ...rowsOf(`the same, ${KEYS.rows} groups of each of # nodes`, byGroups),
    ...rowsOf('three million flights by origin', [{ x: 0, load: scan }]),
  ];
  const head = ['question', 'p50', 'p99', 'CPU of the broker', 'CPU of historicals'];
  return `### overhead: what segments and nodes cost

One client; milliseconds, of all historicals together.

${table(head, lines)}`;
}

export const overhead: Part = { name: 'overhead', run };
