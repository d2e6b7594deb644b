import {
  ConflictError,
  SeededRandom,
  silentLogger,
  UnavailableError,
  VirtualTime,
} from '../../core/index.js';
import { NodeClient } from '../transport/node-client.js';
import { NodeMethods } from '../transport/node-methods.js';
import { SimulatedNetwork } from '../transport/simulated-network-testing.js';
import { PROTOCOL } from '../transport/types.js';
import type { LiveCodec } from './announcement.js';
import { Announcer, announcementsMethod, type ServedChange } from './announcer.js';
import { ClusterNodes } from './cluster-nodes.js';
import { Follower } from './follower.js';
import { Membership } from './membership.js';
import type { BeatingRecord, NodeRecord, NodeTable } from './node-record.js';
import type { ServedNode, ViewChange } from './served-view.js';

/** For tests: the table of nodes in memory. */
export class MemoryNodeTable implements NodeTable {
  readonly rows = new Map<string, BeatingRecord>();
  isAway = false;

  async register(record: NodeRecord): Promise<void> {
    this.#reach();
    this.rows.set(record.name, { ...record, beat: 0 });
  }

  async beat(name: string, incarnation: string): Promise<boolean> {
    this.#reach();
    const row = this.rows.get(name);
    if (row?.incarnation !== incarnation) return false;
    this.rows.set(name, { ...row, beat: row.beat + 1 });
    return true;
  }

  async remove(name: string, incarnation: string): Promise<void> {
    this.#reach();
    if (this.rows.get(name)?.incarnation === incarnation) this.rows.delete(name);
  }

  async list(): Promise<readonly BeatingRecord[]> {
    this.#reach();
    return [...this.rows.values()];
  }

  #reach(): void {
    if (this.isAway) throw new UnavailableError('the metadata store is away');
  }
}

export const recordOf = (
  name: string,
  incarnation: string,
  over: Partial<NodeRecord> = {},
): NodeRecord => ({
  name,
  incarnation,
  url: `sim:${name}`,
  roles: ['realtime', 'historical'],
  protocol: PROTOCOL,
  tier: '',
  priority: 0,
  capacityBytes: 0,
  taskSlots: 0,
  version: '0',
  ...over,
});

/** In tests a number is all that is announced of a live table. */
const CODEC: LiveCodec<number> = {
  encode: (table) => ({ table }),
  decode: (wire) => (wire as { table: number }).table,
};

/** What a node served when it announced a number, as text that can be compared. */
const picture = ({ segments, log }: Pick<ServedNode<number>, 'segments' | 'log'>): string =>
  JSON.stringify([
    [...segments].sort(),
    log && [log.logId, log.position, [...log.tables].sort(([a], [b]) => (a < b ? -1 : 1))],
  ]);

/** A data node that lives, is a zombie, or is dead. */
export class SimulatedNode {
  readonly announcer: Announcer<number>;
  readonly record: NodeRecord;
  /** By the number of the announcement. */
  readonly pictures: string[] = [];
  isDead = false;
  isReplaced = false;
  membership: Membership | null = null;
  #position = 0;
  readonly #tables = new Map<string, number>();

  constructor(
    private readonly world: MembershipWorld,
    readonly name: string,
    incarnation: string,
  ) {
    this.record = recordOf(name, incarnation);
    const timers = {
      after: (delayMs: number, run: () => void) =>
        world.time.after(delayMs, () => {
          if (!this.isDead) run();
        }),
    };
    this.announcer = new Announcer({ incarnation, timers, maxHistory: 12 });
    const methods = new NodeMethods({
      self: this.record,
      cluster: 'c',
      secret: world.secret,
      timers,
      logger: silentLogger,
    });
    methods.add(announcementsMethod(this.announcer, CODEC));
    world.network.connect(this.record.url, methods);
    this.#paint();
    const { table } = world;
    void Membership.join(this.record, {
      table,
      timers,
      logger: silentLogger,
      beatMs: 500,
      onReplaced: (error) => {
        if (!(error instanceof ConflictError)) throw error;
        this.isReplaced = true;
      },
    }).then(
      (membership) => {
        this.membership = membership;
      },
      () => {},
    );
  }

  announceSomething(random: SeededRandom): void {
    const pick = (n: number) => random.nextUint32() % n;
    const id = () => `s${pick(30)}`;
    const change: ServedChange<number> = {
      added: pick(2) === 0 ? [id(), id()] : [],
      removed: pick(3) === 0 ? [id()] : [],
    };
    if (pick(2) === 0) {
      this.announcer.announce(change);
      this.#paint();
      return;
    }
    const name = `t${pick(4)}`;
    const table = pick(3) === 0 ? null : random.nextUint32();
    if (table === null) this.#tables.delete(name);
    else this.#tables.set(name, table);
    this.#position += pick(5);
    const live = { logId: this.name, position: this.#position, tables: new Map([[name, table]]) };
    this.announcer.announce({ ...change, live });
    this.#hasLog = true;
    this.#paint();
  }

  #hasLog = false;

  #paint(): void {
    const log = this.#hasLog
      ? { logId: this.name, position: this.#position, tables: this.#tables }
      : null;
    this.pictures.push(picture({ segments: this.announcer.segments, log }));
  }

  /** As kill -9 does. */
  crash(): void {
    this.isDead = true;
    if (this.world.newest(this.name) === this) this.world.network.connect(this.record.url, null);
  }
}

/** A cluster of data nodes and one broker that follows them, on virtual time. */
export class MembershipWorld {
  readonly time = new VirtualTime();
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly table = new MemoryNodeTable();
  readonly secret = 'sixteen-characters-or-more';
  readonly nodes: ClusterNodes;
  readonly follower: Follower<number>;
  readonly incarnations: SimulatedNode[] = [];
  readonly changes: ViewChange<number>[] = [];
  /** What the listener has gathered of the changes alone; it must be what the view says. */
  readonly gathered = new Map<string, Set<string>>();

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.network = new SimulatedNetwork(this.time, this.random);
    const { time: clock, time: timers, table, random } = this;
    const logger = silentLogger;
    this.nodes = new ClusterNodes({ table, clock, timers, logger, pollMs: 400, timeoutMs: 3000 });
    const client = new NodeClient(this.network.carrierOf('sim:broker'), {
      self: { name: 'broker', incarnation: 'b', roles: ['broker'] },
      cluster: 'c',
      secret: this.secret,
      timers,
    });
    this.follower = new Follower({
      nodes: this.nodes,
      client,
      codec: CODEC,
      timers,
      random,
      logger,
      waitMs: 5000,
      answerMs: 1000,
      onChange: (change) => this.#onChange(change),
    });
  }

  /** A new incarnation under the name; one that lives goes on, without being told. */
  start(name: string): SimulatedNode {
    const node = new SimulatedNode(this, name, `${name}#${this.incarnations.length}`);
    this.incarnations.push(node);
    return node;
  }

  newest(name: string): SimulatedNode | undefined {
    return this.incarnations.findLast((node) => node.name === name);
  }

  /** Throws when the view believes of an incarnation what that never announced. */
  checkSafety(): void {
    for (const served of this.follower.view.nodes()) {
      const { name, incarnation } = served.node;
      const node = this.incarnations.find(({ record }) => record.incarnation === incarnation);
      if (node?.name !== name) throw new Error(`${incarnation} was never started`);
      const wanted =
        served.number < 0
          ? picture({ segments: new Set(), log: null })
          : node.pictures[served.number];
      if (picture(served) !== wanted) {
        throw new Error(`${incarnation} at ${served.number}: ${picture(served)}, not ${wanted}`);
      }
      const gathered = [...(this.gathered.get(name) ?? [])].sort();
      if (gathered.join() !== [...served.segments].sort().join()) {
        throw new Error(`changes of ${name} make ${gathered}`);
      }
    }
  }

  /** What each node that lives serves now, and what the view says. */
  truth(): { wanted: string[]; found: string[] } {
    const living = [...new Set(this.incarnations.map(({ name }) => name))]
      .map((name) => this.newest(name)!)
      .filter((node) => !node.isDead);
    return {
      wanted: living
        .map(({ record, pictures }) => `${record.incarnation} ${pictures.at(-1)}`)
        .sort(),
      found: this.follower.view
        .nodes()
        .filter(({ isCurrent }) => isCurrent)
        .map((served) => `${served.node.incarnation} ${picture(served)}`)
        .sort(),
    };
  }

  #onChange(change: ViewChange<number>): void {
    const { name } = change.node;
    const segments = this.gathered.get(name) ?? new Set();
    this.gathered.set(name, segments);
    for (const id of change.removed) segments.delete(id);
    for (const id of change.added) segments.add(id);
    this.checkSafety();
  }
}
