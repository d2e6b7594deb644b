import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import {
  ManualClock,
  SeededRandom,
  silentLogger,
  systemTimers,
  UnavailableError,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import { logIdIn, type PushAnswer } from '../../ingest/index.js';
import { PushEngine, ROOMY_LIMITS, runSealJob } from '../../ingest/testing.js';
import { neverSilent } from '../membership/node-silence-testing.js';
import { chunkIntervalsOf } from '../metadata/chunk-intervals.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { OwnedTables } from './owned-tables.js';
import { publishedIds } from './published-testing.js';
import { PushRouter } from './push-router.js';
import { TableOwners } from './table-owners.js';

const MIB = 2 ** 20;
const NODES = ['r1', 'r2'];
const SPEC = { timestampSpec: { column: 'timestamp' }, dimensionsSpec: { dimensions: ['id'] } };

const stores: MetadataStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

/** A realtime node on a disk of its own, in this thread. */
class Node {
  engine!: PushEngine;
  owned!: OwnedTables;
  router!: PushRouter;
  constructor(
    readonly name: string,
    private disk: VirtualDisk,
    private readonly world: World,
  ) {}

  async start(): Promise<void> {
    const { store, clock, live, nodes } = this.world;
    const { disk, name } = this;
    disk.makeDirectory('/data');
    const claim = await store.pushLogs.claim(name, logIdIn(disk, '/data/push'));
    if (claim.kind !== 'held') throw new Error(`the log of ${name} is ${claim.kind}`);
    const { hold } = claim;
    const catalog = store.pushTables.ofLog(name, hold);
    this.engine = await PushEngine.open({
      ...{ disk, clock, random: this.world.random, logger: silentLogger },
      catalog: {
        tables: () => catalog.tables(),
        open: (table, position) => catalog.open(table, position),
        declare: (table, spec, position) => catalog.declare(table, spec, position),
        publish: async (request) => {
          await catalog.publish(request);
          for (const { segments } of request.segments.values()) {
            for (const { sealed } of segments) this.world.files.set(sealed.path, disk);
          }
        },
      },
      seal: async (job) => runSealJob(disk, job, 64 * MIB),
      ...{ logDir: '/data/push', piecesDir: '/data/pieces', segmentsDir: `/data/${name}` },
      limits: ROOMY_LIMITS,
      arenas: { arenaBytes: MIB, maxBytes: 256 * MIB },
      chunkIntervals: async (table) => chunkIntervalsOf(await store.segments.used(table)),
      announce: () => undefined,
    });
    const { engine } = this;
    const owners = new TableOwners(store.pushTables);
    const worker = {
      push: engine.push.bind(engine),
      replay: engine.replay.bind(engine),
      declare: engine.declare.bind(engine),
      handOff: engine.handOff.bind(engine),
      adopt: engine.adopt.bind(engine),
      give: engine.give.bind(engine),
      stats: async () => engine.stats(),
    };
    const tables = store.pushTables;
    const others = () => [...live].filter((other) => other !== name);
    this.owned = new OwnedTables({
      ...{ self: name, hold, owners, tables, worker, others, logger: silentLogger },
    });
    this.router = new PushRouter({
      ...{ self: name, owners, tables, own: this.owned, timers: systemTimers },
      // Every node is asked here as if it were over there.
      client: {
        ask: async () => undefined,
        call: async () => {
          throw new UnavailableError('not over the network');
        },
      },
      nodes: () => new Map([...live].map((each) => [each, nodes.get(each)!.name])),
      silenceOf: neverSilent,
      onDeclared: async () => undefined,
      signal: new AbortController().signal,
    });
    live.add(name);
  }

  /** Gives its tables away, ends, and is back, on its disk or on a new one. */
  async restart(isWiped: boolean): Promise<void> {
    await this.owned.drain();
    this.world.live.delete(this.name);
    await this.engine.close();
    if (isWiped) this.disk = new VirtualDisk();
    await this.start();
  }

  async crash(): Promise<void> {
    this.world.live.delete(this.name);
    const disk = this.disk.crash('synced-only', this.world.random);
    for (const [path, where] of this.world.files) {
      if (where === this.disk) this.world.files.set(path, disk);
    }
    this.disk = disk;
    await this.start();
  }
}

class World {
  readonly clock = new ManualClock(Date.UTC(2024, 0, 1));
  readonly live = new Set<string>();
  readonly nodes = new Map<string, Node>();
  /** Published files, and the disks that they are on. */
  readonly files = new Map<string, VirtualDisk>();
  readonly random: SeededRandom;
  constructor(
    readonly store: MetadataStore,
    seed: number,
  ) {
    this.random = new SeededRandom(seed);
  }

  static async start(seed: number): Promise<World> {
    const store = await MetadataStore.open(
      { type: 'sqlite', path: ':memory:' },
      new ManualClock(0),
    );
    stores.push(store);
    const world = new World(store, seed);
    for (const name of NODES) {
      const node = new Node(name, new VirtualDisk(), world);
      world.nodes.set(name, node);
      await node.start();
    }
    return world;
  }

  /** Sends a batch of one row to its owner. */
  async push(
    producer: string,
    sequence: number,
    table = 't',
    id = `${producer} ${sequence}`,
  ): Promise<PushAnswer> {
    const owner = (await this.store.pushTables.owners()).get(table)?.node ?? 'r1';
    const row = `{"timestamp":"2024-01-01T00:00:00Z","id":"${id}"}`;
    return this.nodes.get(owner)!.router.push({
      ...{ table, format: 'ndjson', columns: null, ack: 'disk', key: null },
      ...{ producer, sequence, body: utf8Encode(row) },
    });
  }

  /** The values of `id` in all published rows. */
  published(): Promise<string[]> {
    return publishedIds(this.store, (path) => this.files.get(path)!);
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('push' as const), producer: fc.nat(1) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('again' as const),
      producer: fc.nat(1),
      back: fc.nat(5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('handOff' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      node: fc.nat(1),
      isWiped: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), node: fc.nat(1) }) },
);

test('each batch is stored once, wherever its table goes and however often it is sent', () =>
  fc.assert(
    fc.asyncProperty(fc.integer(), fc.array(step, { maxLength: 30 }), async (seed, steps) => {
      const world = await World.start(seed);
      await world.nodes.get('r1')!.router.declare('t', SPEC);
      // Positions of this log are far ahead of the other's.
      await world.store.pushTables.assignOwner('u', 'r1', 0);
      await world.push('p0', 0, 'u', 'x'.repeat(20_000));
      const sent = [0, 0];
      for (const each of steps) {
        if (each.kind === 'push') {
          const answer = await world.push(`p${each.producer}`, ++sent[each.producer]!);
          expect(answer).toMatchObject({ stored: 1, duplicate: false });
        } else if (each.kind === 'again') {
          const sequence = sent[each.producer]! - each.back;
          if (sequence < 1) continue;
          const answer = await world.push(`p${each.producer}`, sequence);
          expect(answer).toMatchObject({ stored: 1, duplicate: true });
          const owner = (await world.store.pushTables.owners()).get('t')!.node!;
          const { engine } = world.nodes.get(owner)!;
          const [logId, position] = answer.token.split(':');
          // A reader who waits for it must not wait for what never comes.
          expect(engine.logId).toBe(logId);
          expect(Number(position)).toBeLessThanOrEqual(engine.stats().position);
        } else if (each.kind === 'handOff') {
          for (const { table, log } of await world.store.pushTables.logs()) {
            await world.nodes.get(log)!.router.handOff(table);
          }
        } else {
          const node = world.nodes.get(NODES[each.node]!)!;
          if (each.kind === 'restart') await node.restart(each.isWiped);
          else await node.crash();
        }
      }
      for (const node of world.nodes.values()) await node.owned.drain();
      expect(await world.store.pushTables.logs()).toEqual([]);
      const expected = sent.flatMap((count, producer) =>
        Array.from({ length: count }, (_, i) => `p${producer} ${i + 1}`),
      );
      expect(await world.published()).toEqual(expected.sort());
      for (const { engine } of world.nodes.values()) await engine.close();
    }),
    { numRuns: 60 },
  ));
