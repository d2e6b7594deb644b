import { dirname } from 'node:path';
import {
  ManualClock,
  type Random,
  SeededRandom,
  silentLogger,
  systemTimers,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import { type CopyLink, logIdIn, type PushAnswer } from '../../ingest/index.js';
import { LogCopies, PushEngine, ROOMY_LIMITS, runSealJob } from '../../ingest/testing.js';
import { chunkIntervalsOf } from '../metadata/chunk-intervals.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import type { LogHold, PushLogState } from '../metadata/push-logs.js';
import { OwnedTables } from '../realtime/owned-tables.js';
import { publishedIds } from '../realtime/published-testing.js';
import { chooseOwner, TableOwners } from '../realtime/table-owners.js';
import { LocalCarrier } from '../transport/local-carrier.js';
import { NodeClient } from '../transport/node-client.js';
import { NodeMethods } from '../transport/node-methods.js';
import {
  type CarriedAnswer,
  type CarriedRequest,
  type Carrier,
  PeerUnavailableError,
} from '../transport/types.js';
import { claimLog } from './claim-log.js';
import { inThisThread } from './copies-testing.js';
import { copyMethods } from './copy-methods.js';
import { KeptLogs } from './kept-logs.js';
import { LogStandbys } from './log-standbys.js';
import { publishLog } from './publish-log.js';
import { StandbyDuty } from './standby-duty.js';

const MIB = 2 ** 20;
const SECRET = 'sixteen-letters-or-more';
const SPEC = { timestampSpec: { column: 'timestamp' }, dimensionsSpec: { dimensions: ['id'] } };

/** How many standbys a log is to have. */
const STANDBYS = 1;

/** Brings bytes where the world lets them through. */
class LossyCarrier implements Carrier {
  constructor(
    private readonly inner: Carrier,
    private readonly self: string,
    private readonly world: LostNodesWorld,
  ) {}

  async send(url: string, request: CarriedRequest): Promise<CarriedAnswer> {
    const { cut } = this.world;
    if (cut.has(`${this.self}>${url}`))
      throw new PeerUnavailableError(url, 'is not reached', false);
    const answer = await this.inner.send(url, request);
    if (!cut.has(`${url}>${this.self}`)) return answer;
    // What was asked is done, and nobody hears of it.
    for await (const _ of answer.body);
    throw new PeerUnavailableError(url, 'does not answer', true);
  }
}

/** One process of a node, from its start to its end. */
class NodeProcess {
  readonly copies: LogCopies;
  readonly kept: KeptLogs;
  /** Null until the node has its log. */
  engine: PushEngine | null = null;
  owned: OwnedTables | null = null;
  hold: LogHold | null = null;
  duty: StandbyDuty | null = null;
  readonly ending = new AbortController();

  constructor(
    readonly name: string,
    readonly disk: VirtualDisk,
    private readonly world: LostNodesWorld,
  ) {
    const { store, clock, random } = world;
    disk.makeDirectory('/data');
    this.copies = new LogCopies({ disk, random, directory: '/data/copies' });
    const { copies } = this;
    this.kept = new KeptLogs({
      self: name,
      copies: inThisThread(copies),
      logs: store.pushLogs,
      isAlive: (node) => world.live.has(node),
      publish: (hold, directory) => this.#publish(hold, directory),
      clock,
      logger: silentLogger,
      takeOverAfterMs: 0,
    });
    const methods = new NodeMethods({ ...this.#wire(), logger: silentLogger });
    for (const method of copyMethods(this.kept, 64 * MIB)) methods.add(method);
    world.carrier.connect(name, methods);
  }

  /** Resolves when it has its log, and takes rows. */
  async start(): Promise<void> {
    const { name, disk, world } = this;
    const { store } = world;
    const hold = await claimLog({
      logs: store.pushLogs,
      log: name,
      logId: () => logIdIn(disk, '/data/push'),
      discard: () => disk.removeTree('/data/push'),
      timers: systemTimers,
      logger: silentLogger,
      signal: this.ending.signal,
      pauseMs: 1,
    });
    const standbys = this.#standbys(hold);
    this.engine = await this.#open(hold, '/data/push', standbys);
    const { engine } = this;
    this.duty = new StandbyDuty({
      hold,
      logs: store.pushLogs,
      standbys,
      wanted: STANDBYS,
      nodes: () => [...world.live],
      add: (node) => engine.addStandby(node),
      clock: world.clock,
      logger: silentLogger,
    });
    this.owned = new OwnedTables({
      self: name,
      hold,
      owners: new TableOwners(store.pushTables),
      tables: store.pushTables,
      worker: {
        push: engine.push.bind(engine),
        replay: engine.replay.bind(engine),
        declare: engine.declare.bind(engine),
        handOff: engine.handOff.bind(engine),
        adopt: engine.adopt.bind(engine),
        give: engine.give.bind(engine),
        stats: async () => engine.stats(),
      },
      others: () => [...world.live].filter((other) => other !== name),
      logger: silentLogger,
    });
    this.hold = hold;
    world.live.add(name);
  }

  /** It does nothing any more, and nobody hears of it. */
  end(): void {
    this.ending.abort(new Error('the process has ended'));
    this.world.live.delete(this.name);
    this.world.carrier.connect(this.name, null);
  }

  async leave(): Promise<void> {
    if (await this.owned!.drain()) await this.world.store.pushLogs.release(this.hold!);
  }

  #standbys(hold: LogHold): LogStandbys {
    const { name, world } = this;
    const carrier = new LossyCarrier(world.carrier, name, world);
    return new LogStandbys({
      hold,
      logs: world.store.pushLogs,
      client: new NodeClient(carrier, this.#wire()),
      urlOf: (node) => node,
      newSession: () => String(world.random.nextUint32()),
      timers: systemTimers,
      logger: silentLogger,
      signal: this.ending.signal,
    });
  }

  async #open(hold: LogHold, logDir: string, copies?: CopyLink): Promise<PushEngine> {
    const { name, disk } = this;
    const { store, clock, random, files } = this.world;
    const catalog = store.pushTables.ofLog(hold.log, hold);
    return PushEngine.open({
      ...{ disk, clock, random, logger: silentLogger },
      catalog: {
        tables: () => catalog.tables(),
        open: (table, position) => catalog.open(table, position),
        declare: (table, spec, position) => catalog.declare(table, spec, position),
        publish: async (request) => {
          // Into deep storage, which outlives the node.
          for (const { segments } of request.segments.values()) {
            for (const { sealed } of segments) files.set(sealed.path, disk.readFile(sealed.path));
          }
          await catalog.publish(request);
        },
      },
      seal: async (job) => runSealJob(disk, job, 64 * MIB),
      ...{ logDir, piecesDir: `/data/pieces of ${hold.log}`, segmentsDir: `/data/${name}` },
      limits: ROOMY_LIMITS,
      arenas: { arenaBytes: MIB, maxBytes: 256 * MIB },
      chunkIntervals: async (table) => chunkIntervalsOf(await store.segments.used(table)),
      announce: () => undefined,
      ...(copies !== undefined && { copies }),
    });
  }

  async #publish(hold: LogHold, directory: string): Promise<string[]> {
    const { store, live } = this.world;
    const worker = await this.#open(hold, directory);
    try {
      const tables = store.pushTables;
      return await publishLog({ hold, tables, worker, nodes: () => [...live] });
    } finally {
      await worker.close();
    }
  }

  #wire() {
    const self = { name: this.name, incarnation: '1', roles: ['realtime' as const] };
    return { self, cluster: 'c', secret: SECRET, timers: systemTimers };
  }
}

/** For tests: realtime nodes on disks of their own, in this thread, of which some are lost. */
export class LostNodesWorld {
  readonly clock = new ManualClock(Date.UTC(2024, 0, 1));
  readonly carrier = new LocalCarrier();
  readonly random: Random;
  /** Whom the others take to live. */
  readonly live = new Set<string>();
  /** `a>b`: nothing comes from a to b. */
  readonly cut = new Set<string>();
  /** The last process of each. */
  readonly processes = new Map<string, NodeProcess>();
  /** Published files. */
  readonly files = new Map<string, Uint8Array>();
  readonly #starting = new Map<string, Promise<void>>();
  /** Of processes that could not be started. */
  readonly #failures: unknown[] = [];

  private constructor(
    readonly store: MetadataStore,
    readonly names: readonly string[],
    seed: number,
  ) {
    this.random = new SeededRandom(seed);
  }

  static async start(names: readonly string[], seed: number): Promise<LostNodesWorld> {
    const clock = new ManualClock(0);
    const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
    const world = new LostNodesWorld(store, names, seed);
    for (const name of names) world.run(name, new VirtualDisk());
    await world.settle(() => names.every((name) => world.live.has(name)));
    await store.pushTables.declare('t', SPEC);
    await store.pushTables.assignOwner('t', names[0]!, 0);
    return world;
  }

  process(name: string): NodeProcess {
    return this.processes.get(name)!;
  }

  /** A process of the node begins, on a disk. */
  run(name: string, disk: VirtualDisk): void {
    const process = new NodeProcess(name, disk, this);
    this.processes.set(name, process);
    const starting = process.start().catch((error: unknown) => {
      if (!process.ending.signal.aborted) this.#failures.push(error);
    });
    this.#starting.set(name, starting);
  }

  /** The process ends at once; the next one finds what its disk kept, or nothing. */
  restart(name: string, isWiped: boolean): void {
    const before = this.process(name);
    before.end();
    const disk = isWiped ? new VirtualDisk() : before.disk.crash({ random: 0.5 }, this.random);
    this.run(name, disk);
  }

  /** Every node looks after its log and those that it keeps, once. */
  async round(): Promise<void> {
    if (this.#failures.length > 0) throw this.#failures[0];
    this.clock.advance(1000);
    for (const [name, { kept, duty, ending }] of this.processes) {
      if (ending.signal.aborted) continue;
      await kept.round();
      if (duty === null) continue;
      try {
        await duty.round();
      } catch {
        // It holds its log no more: the process ends, and another one begins.
        this.restart(name, false);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async settle(isDone: () => boolean): Promise<void> {
    for (let rounds = 0; !isDone(); rounds++) {
      if (rounds > 200) throw new Error('the nodes do not come to rest');
      await this.round();
    }
  }

  async ownerOf(table: string): Promise<string | null> {
    const owners = await this.store.pushTables.owners();
    const owner = owners.get(table)?.node ?? null;
    return owner ?? chooseOwner(owners.values(), this.live);
  }

  /** Whether the disk of a node has everything of a log that was acknowledged. */
  hasAllOf({ log, logId, holder, standbys }: PushLogState, node: string): boolean {
    const { disk, copies } = this.process(node);
    if (node === log) {
      const found = logIdIn(disk, '/data/push');
      return found !== null && found === (logId ?? found);
    }
    const counts = holder === node || standbys.includes(node);
    return counts && copies.list().some((copy) => copy.log === log && copy.logId === logId);
  }

  /** Sends a batch of one row to its owner, whoever that is. */
  async push(producer: string, sequence: number): Promise<PushAnswer> {
    const owner = await this.ownerOf('t');
    const { owned } = this.process(owner!);
    if (owned === null) throw new PeerUnavailableError(owner!, 'does not take rows yet', false);
    const id = `${producer} ${sequence}`;
    const body = utf8Encode(`{"timestamp":"2024-01-01T00:00:00Z","id":"${id}"}`);
    return owned.run('t', (worker) =>
      worker.push({
        ...{ table: 't', format: 'ndjson', columns: null, ack: 'disk', key: null },
        ...{ producer, sequence, body },
      }),
    );
  }

  /** The values of `id` in all published rows. */
  published(): Promise<string[]> {
    return publishedIds(this.store, (path) => {
      const disk = new VirtualDisk();
      disk.makeDirectory(dirname(path));
      disk.create(path).write(this.files.get(path)!);
      return disk;
    });
  }

  async close(): Promise<void> {
    for (const process of this.processes.values()) process.end();
    await Promise.allSettled(this.#starting.values());
    await this.store.close();
  }
}
