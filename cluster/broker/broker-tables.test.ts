import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock, UnavailableError } from '../../core/index.js';
import { assertReaching } from '../../core/testing.js';
import { ETERNITY } from '../../model/index.js';
import { parseNativeQuery } from '../../query/index.js';
import { testEngine } from '../../query/testing.js';
import { neverSilent } from '../membership/node-silence-testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import type { ToldPart, ToldTable } from '../serving/live-table.js';
import { BrokerTables, type ToldLog } from './broker-tables.js';
import { NodeLoads } from './node-loads.js';
import type { RemotePart } from './remote-part.js';
import { planShares } from './share-plan.js';

const DAY = { startMs: 0, endMs: 86_400_000 };
const NODES = ['n1', 'n2'] as const;
type Node = (typeof NODES)[number];

const COLUMNS = [{ name: 'page', type: 'STRING', multiValue: false, role: 'dimension' }] as const;

const part = (id: number, rowCount: number): ToldPart => ({
  id,
  dataSource: 't',
  rowCount,
  minTimeMs: 0,
  maxTimeMs: 1000,
  sizeBytes: 0,
  columns: COLUMNS,
});

/** A push log as its node has it: rows of a generation that grows, and of those that are being published. */
class Log {
  /** By generation: where it ends, and its rows. */
  generations: { to: number; part: number; rows: number }[] = [];
  position = 0;
  published = 0;
  #parts = 0;

  push(rows: number): void {
    this.position += rows;
    const last = this.generations.at(-1);
    if (last?.to === Number.POSITIVE_INFINITY) last.rows += rows;
    else this.generations.push({ to: Number.POSITIVE_INFINITY, part: this.#parts++, rows });
  }

  close(): void {
    const last = this.generations.at(-1);
    if (last?.to === Number.POSITIVE_INFINITY) last.to = this.position;
  }

  told(node: Node): ToldLog {
    const table: ToldTable = {
      table: 't',
      generations: this.generations.map(({ to, part: id, rows }) => ({
        to,
        parts: [part(id, rows)],
      })),
    };
    const log = {
      logId: `log of ${node}`,
      position: this.position,
      tables: new Map([['t', table]]),
    };
    return { node: { name: node }, log };
  }
}

const sealed = (rowCount: number) => ({
  path: '',
  rowCount,
  sizeBytes: 1,
  sha256: 'x',
  minTimeMs: 0,
  maxTimeMs: 1000,
  columns: [],
});

class World {
  readonly logs = { n1: new Log(), n2: new Log() };
  /** What the broker has heard of each node. */
  readonly heard = new Map<Node, ToldLog>();
  /** Happens while the broker reads the metadata: it does not see it there. */
  meanwhile: () => Promise<void> = async () => undefined;
  tables!: BrokerTables;

  private constructor(private readonly store: MetadataStore) {}

  static async open(): Promise<World> {
    const store = await MetadataStore.open(
      { type: 'sqlite', path: ':memory:' },
      new ManualClock(1),
    );
    const world = new World(store);
    for (const node of NODES) await store.pushTables.ofLog(node).declare('t', {}, 0);
    world.tables = new BrokerTables({
      changes: {
        async read(known) {
          const changes = await store.changes.read(known);
          await world.meanwhile();
          return changes;
        },
      },
      told: () => [...world.heard.values()],
      holder: { scan: () => never(), analyse: () => never() },
      declared: () => null,
    });
    return world;
  }

  /** Changes in place what was heard before, as the view of what nodes serve does. */
  hear(node: Node): void {
    const told = this.logs[node].told(node);
    this.heard.set(node, Object.assign(this.heard.get(node) ?? {}, told));
  }

  /** Publishes the oldest rows; the node tells of them until `forget`. */
  async publish(node: Node): Promise<void> {
    const log = this.logs[node];
    const next = log.generations.find(({ to }) => to > log.published && Number.isFinite(to));
    if (next === undefined) return;
    const { interval } = { interval: DAY };
    await this.store.pushTables.ofLog(node).publish({
      table: 't',
      from: log.published,
      to: next.to,
      segments: new Map([
        [
          't',
          {
            chunkIntervals: this.tables.view('t')?.served?.chunkIntervals() ?? [],
            segments: [{ interval, sealed: sealed(next.rows) }],
          },
        ],
      ]),
    });
    log.published = next.to;
  }

  forget(node: Node): void {
    const log = this.logs[node];
    log.generations = log.generations.filter(({ to }) => to > log.published);
  }

  parts(): readonly RemotePart[] {
    return this.tables.snapshot(['t']).parts('t', [ETERNITY]) as readonly RemotePart[];
  }
}

const never = (): never => {
  throw new Error('nothing is scanned here');
};

type Step = readonly ['push' | 'close' | 'publish' | 'forget' | 'hear', Node];

const steps = fc.array(
  fc.tuple(
    fc.constantFrom('push', 'push', 'close', 'publish', 'forget', 'hear', 'hear'),
    fc.constantFrom(...NODES),
  ) as fc.Arbitrary<Step>,
  { maxLength: 40, size: 'max' },
);

test('whatever a broker has heard, it sees every row once that is published or that it has heard of', async () => {
  let published = 0;
  await assertReaching(
    fc.asyncProperty(steps, async (plan) => {
      const world = await World.open();
      /** Rows before it were in what the broker has heard, by node. */
      const heardOf = { n1: 0, n2: 0 };
      for (const node of NODES) world.hear(node);
      for (const [kind, node] of plan) {
        const log = world.logs[node];
        if (kind === 'push') log.push(3);
        else if (kind === 'close') log.close();
        else if (kind === 'forget') world.forget(node);
        else if (kind === 'publish') await world.publish(node);
        else {
          world.hear(node);
          heardOf[node] = log.position;
        }
        await world.tables.refresh();
        const rows = world.parts().reduce((sum, { rowCount }) => sum + rowCount, 0);
        const wanted = NODES.reduce(
          (sum, name) => sum + Math.max(world.logs[name].published, heardOf[name]),
          0,
        );
        expect(rows).toBe(wanted);
      }
      published += world.logs.n1.published + world.logs.n2.published;
    }),
    60,
    () => {
      expect(published).toBeGreaterThan(50);
    },
  );
});

test('what a node tells while the metadata are read does not count before they are read again', async () => {
  const world = await World.open();
  world.logs.n1.push(5);
  for (const node of NODES) world.hear(node);
  await world.tables.refresh();
  const rows = () => world.parts().reduce((sum, { rowCount }) => sum + rowCount, 0);
  world.logs.n1.close();
  world.meanwhile = async () => {
    world.meanwhile = async () => undefined;
    await world.publish('n1');
    world.forget('n1');
    world.hear('n1');
  };
  for (let i = 0; i < 2; i++) {
    await world.tables.refresh();
    expect(rows()).toBe(5);
  }
});

test('while a node that may have rows has not told of them, nobody can be asked for them', async () => {
  const world = await World.open();
  world.logs.n1.push(5);
  world.hear('n1');
  await world.tables.refresh();
  const parts = world.parts();
  expect(parts.map(({ place, rowCount }) => [place.node, rowCount])).toEqual([
    ['n1', 5],
    ['n2', 1],
  ]);
  const nodes = {
    serving: () => [],
    fetching: () => [],
    silenceOf: neverSilent,
    suspect: () => undefined,
  };
  const plan = planShares(parts, parts.keys(), () => undefined, nodes, new NodeLoads());
  expect(plan.nowhere).toEqual([0, 1]);
  const query = {
    queryType: 'timeseries',
    dataSource: 't',
    granularity: 'all',
    intervals: '1970/1980',
  };
  const aggregations = [{ type: 'longSum', name: 's', fieldName: 'n' }];
  const engine = testEngine(world.tables);
  await expect(engine.run(parseNativeQuery({ ...query, aggregations }))).rejects.toThrow(
    'nothing is scanned here',
  );
  world.hear('n2');
  await world.tables.refresh();
  expect(world.parts()).toHaveLength(1);
});

test('a token is waited for until its log is seen as far', async () => {
  const world = await World.open();
  world.logs.n1.push(2);
  world.hear('n1');
  await world.tables.refresh();
  const stop = new AbortController();
  await world.tables.waitFor('log of n1:2', stop.signal);
  let isSeen = false;
  const waiting = world.tables.waitFor('log of n1:4', stop.signal).then(() => {
    isSeen = true;
  });
  world.logs.n1.push(2);
  await world.tables.refresh();
  expect(isSeen).toBe(false);
  world.hear('n1');
  await world.tables.refresh();
  await waiting;
  const other = world.tables.waitFor('log of nobody:1', stop.signal);
  stop.abort(new UnavailableError('waited long enough'));
  await expect(other).rejects.toThrow('waited long enough');
});
