import {
  ConflictError,
  type CrashRule,
  type Disk,
  type DiskFault,
  type DiskOperation,
  type DiskOperationKind,
  InternalError,
  PowerCutError,
  SeededRandom,
  UnavailableError,
  VirtualDisk,
} from '../../../core/index.js';
import { LogCopies } from '../copies/log-copies.js';
import type { CopyLink, CopyStart, LogGroup } from '../copies/types.js';
import { LOOKING } from './crash-testing.js';
import { LOG_DIR, ROOMY_LIMITS, TestNode } from './node-testing.js';
import type { PushEngine } from './push-engine.js';
import { below, checkPromises, type Ledger, TABLE, Workload } from './workload-testing.js';

const LOG = 'a-log';
/** Copies of logs lie below it, on the disk of each node. */
export const COPIES_DIR = '/data/copies';
const COPY_DIR = `${COPIES_DIR}/${LOG}`;

const RULES: readonly CrashRule[] = ['everything', 'synced-only', 'torn-last', { random: 0.5 }];
const TAKES_ROOM: ReadonlySet<DiskOperationKind> = new Set(['write', 'create', 'rename']);

/** What is sent at a time to a node that joins, so that it gets much or little of the log between commits. */
const COPY_BYTES = [400, 2000, 8000];

/** A standby at the moment when the node of the log is lost, and what had been promised by then. */
export interface TakeoverState extends Ledger {
  /** Of the standby, maybe after a power cut. */
  readonly disk: VirtualDisk;
  /** Of the metadata and of published segments. */
  readonly shared: VirtualDisk;
  /** For messages. */
  readonly at: string;
}

/** How a run goes. */
export interface StandbyRun {
  readonly seed: number;
  /** Steps of each node that has the log, one after the other. */
  readonly steps: number;
  /** Of all calls that change a disk, one of so many is a moment at which the log's node may be lost. */
  readonly every: number;
  /** A link that breaks its promises. */
  readonly link?: (world: StandbyWorld) => TestLink;
  /** Puts a disk that breaks its promises before those of copies. */
  readonly wrap?: (disk: VirtualDisk) => Disk;
}

/** A process that keeps copies, and its disk. */
class CopyNode {
  disk!: VirtualDisk;
  copies!: LogCopies;

  constructor(private readonly world: StandbyWorld) {
    this.start(new VirtualDisk());
  }

  /** Another process, on what the disk holds. */
  start(disk: VirtualDisk): void {
    const { link: random, wrap } = this.world;
    disk.makeDirectory('/data');
    disk.setFaults((operation) => this.world.onCall(operation));
    this.disk = disk;
    this.copies = new LogCopies({ disk: wrap(disk), random, directory: COPIES_DIR });
  }
}

/** Three nodes, one of which has the log at a time, and what is drawn for them from one seed. */
export class StandbyWorld {
  /** As the metadata has them: one of these takes over. */
  readonly standbys = new Set<string>();
  readonly shared = new VirtualDisk();
  readonly states: TakeoverState[] = [];
  /** What has come to pass, so that a test can tell whether it tests anything. */
  readonly reached = new Set<string>();
  readonly wrap: (disk: VirtualDisk) => Disk;
  /** What is drawn for the link and the disks, whatever the producers draw. */
  readonly link: SeededRandom;
  readonly nodes: ReadonlyMap<string, CopyNode>;
  readonly #workload: Workload;
  readonly #joining = new Map<string, Promise<void>>();
  #owner = 'a';
  #logDir = LOG_DIR;
  #life = 0;

  constructor(private readonly run: StandbyRun) {
    this.wrap = run.wrap ?? ((disk) => disk);
    this.link = new SeededRandom(run.seed + 1);
    this.#workload = new Workload(new SeededRandom(run.seed), (engine) => this.#meanwhile(engine));
    this.shared.makeDirectory('/data');
    this.shared.setFaults((operation) => this.onCall(operation));
    this.nodes = new Map(['a', 'b', 'c'].map((name) => [name, new CopyNode(this)]));
  }

  /** Some time, in which others go on. */
  async pause(): Promise<void> {
    const turns = below(this.link, 4);
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  isOneOf(count: number): boolean {
    return below(this.link, count) === 0;
  }

  /** The log's node runs; then it is another process, or lost and followed by a standby. */
  async live(): Promise<void> {
    this.#life++;
    this.standbys.clear();
    const link = this.run.link?.(this) ?? new TestLink(this);
    const power = { isOn: true };
    const own = this.nodes.get(this.#owner)!.disk;
    const disk = whilePowered(spread(own, this.shared), power);
    const engine = await this.#run(disk, link);
    await Promise.all(this.#joining.values());
    const next = [...this.standbys][below(this.link, Math.max(1, this.standbys.size))];
    if (next === undefined || this.isOneOf(3)) await engine?.close();
    else this.#lose(next);
    power.isOn = false;
  }

  /** Of any disk: maybe the moment at which the log's node is lost, maybe one at which a log finds no room. */
  onCall({ index, kind, path }: DiskOperation): DiskFault | null {
    if (LOOKING.has(kind)) return null;
    if (this.isOneOf(this.run.every)) this.#take(`call ${index} (${kind} ${path})`);
    const isOfLog = path.startsWith(COPY_DIR) || path.startsWith(LOG_DIR);
    if (!isOfLog || !TAKES_ROOM.has(kind) || !this.isOneOf(150)) return null;
    return { error: new UnavailableError('no space left'), writtenBytes: below(this.link, 3000) };
  }

  /** Null: it gave up. */
  async #run(disk: Disk, copies: CopyLink): Promise<PushEngine | null> {
    const copyBytes = COPY_BYTES[below(this.link, COPY_BYTES.length)]!;
    const limits = { ...ROOMY_LIMITS, copyBytes };
    const beforeSeal = (): Promise<void> => this.pause();
    const options = { copies, logDir: this.#logDir, limits, beforeSeal };
    try {
      return await this.#workload.run(this.run.steps, disk, options);
    } catch (error) {
      if (error instanceof UnavailableError || isOfBroken(error)) return null;
      throw error;
    }
  }

  #lose(next: string): void {
    this.reached.add('taken over');
    this.nodes.get(this.#owner)!.start(new VirtualDisk());
    this.#owner = next;
    this.#logDir = COPY_DIR;
    this.nodes.get(next)!.copies.close(LOG);
  }

  #take(call: string): void {
    const name = [...this.standbys][below(this.link, Math.max(1, this.standbys.size))];
    if (name === undefined) return;
    const rule = RULES[below(this.link, RULES.length)]!;
    this.states.push({
      disk: this.nodes.get(name)!.disk.crash(rule, this.link),
      shared: this.shared.crash('everything', this.link),
      at: `seed ${this.run.seed}, life ${this.#life}, ${call}, ${name} with ${JSON.stringify(rule)}`,
      ...this.#workload.ledger,
    });
  }

  async #meanwhile(engine: PushEngine): Promise<void> {
    if (this.isOneOf(6)) void engine.handOff(TABLE).catch(ignoreLoss);
    if (this.isOneOf(2)) await this.#join(engine);
  }

  /** A node joins, rarely one that is a standby already; maybe the producers wait for it. */
  async #join(engine: PushEngine): Promise<void> {
    const others = [...this.nodes.keys()].filter((name) => name !== this.#owner);
    const name = others[below(this.link, others.length)]!;
    if (this.#joining.has(name) || (this.standbys.has(name) && !this.isOneOf(4))) return;
    const joined = joinOf(engine, name).finally(() => this.#joining.delete(name));
    this.#joining.set(name, joined);
    if (this.isOneOf(2)) await joined;
  }
}

async function joinOf(engine: PushEngine, name: string): Promise<void> {
  try {
    await engine.addStandby(name);
  } catch (error) {
    ignoreLoss(error);
  }
}

/** Of an engine that was lost, or takes nothing any more. */
function ignoreLoss(error: unknown): void {
  if (!isOfNetwork(error) && !isOfBroken(error) && !(error instanceof PowerCutError)) throw error;
}

const isOfNetwork = (error: unknown): boolean =>
  error instanceof UnavailableError || error instanceof ConflictError;

/** Of an engine that takes nothing any more, after the link could not tell. */
const isOfBroken = (error: unknown): boolean =>
  error instanceof InternalError && /not taken any more/.test(error.message);

/** A disk of its own for each node, but for what all nodes see: metadata and published segments. */
function spread(own: Disk, shared: Disk): Disk {
  return rerouted(own, (path) => (/^\/data\/(metadata|segments)/.test(path) ? shared : own));
}

/** What a node that is lost does has no effect any more. */
function whilePowered(disk: Disk, power: { readonly isOn: boolean }): Disk {
  return rerouted(disk, () => {
    if (power.isOn) return disk;
    throw new PowerCutError();
  });
}

function rerouted(disk: Disk, diskOf: (path: string) => Disk): Disk {
  return new Proxy(disk, {
    get(_, name: keyof Disk) {
      return (path: string, ...others: never[]) => {
        const target = diskOf(path);
        return (target[name] as (...all: unknown[]) => unknown).call(target, path, ...others);
      };
    },
  });
}

/**
 * A link in memory: messages and answers take their time and are lost, processes that keep copies are killed. Who does not
 * answer is no standby any more.
 */
export class TestLink implements CopyLink {
  readonly #sessions = new Map<string, string>();
  #count = 0;

  constructor(protected readonly world: StandbyWorld) {}

  async begin(name: string, start: CopyStart): Promise<void> {
    this.drop(name);
    const session = `${name} ${++this.#count} ${start.logId}`;
    this.#sessions.set(name, session);
    await this.exchange(() => this.copiesOf(name).begin(LOG, session, start));
  }

  async send(name: string, group: LogGroup): Promise<void> {
    this.world.reached.add(group.checkpoint === null ? 'sent' : 'sent a roll');
    await this.exchange(() => this.write(name, group));
  }

  async join(name: string): Promise<void> {
    await this.exchange(() => {
      this.world.standbys.add(name);
      this.world.reached.add('joined');
    });
    if (!this.world.isOneOf(8)) return;
    this.world.reached.add('joined unheard');
    throw new UnavailableError('an answer was lost');
  }

  async append(group: LogGroup): Promise<number> {
    const { standbys } = this.world;
    await Promise.all([...standbys].map((name) => this.#appendTo(name, group)));
    if (!this.world.isOneOf(100)) return standbys.size;
    this.world.reached.add('not known');
    throw new UnavailableError('nobody can tell whether the log is the one that counts');
  }

  trim(before: number): void {
    for (const name of this.world.standbys) {
      void this.exchange(() => {
        this.copiesOf(name).trim(LOG, this.#sessions.get(name)!, before);
        this.world.reached.add('trimmed');
      }).catch(ignoreNetwork);
    }
  }

  protected copiesOf(name: string): LogCopies {
    return this.world.nodes.get(name)!.copies;
  }

  protected drop(name: string): void {
    this.world.standbys.delete(name);
  }

  protected write(name: string, group: LogGroup): void {
    this.copiesOf(name).append(LOG, this.#sessions.get(name)!, group);
  }

  /** A message and its answer: either may be lost. */
  protected async exchange(deliver: () => void): Promise<void> {
    await this.#travel();
    deliver();
    await this.#travel();
  }

  async #appendTo(name: string, group: LogGroup): Promise<void> {
    try {
      await this.exchange(() => {
        if (this.world.isOneOf(40)) this.#kill(name);
        this.write(name, group);
      });
      this.world.reached.add(group.checkpoint === null ? 'appended' : 'appended a roll');
    } catch (error) {
      ignoreNetwork(error);
      await this.world.pause();
      this.drop(name);
      this.world.reached.add('dropped');
    }
  }

  /** The process, and with it the power of its disk. */
  #kill(name: string): void {
    const { nodes, link, reached } = this.world;
    const node = nodes.get(name)!;
    node.start(node.disk.crash(RULES[below(link, RULES.length)]!, link));
    reached.add('killed');
  }

  async #travel(): Promise<void> {
    await this.world.pause();
    if (this.world.isOneOf(150)) throw new UnavailableError('a message was lost');
  }
}

function ignoreNetwork(error: unknown): void {
  if (!isOfNetwork(error)) throw error;
}

/** What a run leaves to be taken over, and what came to pass in it. */
export async function takeoverStates(
  run: StandbyRun,
): Promise<Pick<StandbyWorld, 'states' | 'reached'>> {
  const world = new StandbyWorld(run);
  for (let life = 0; life < 4; life++) await world.live();
  return world;
}

/** Opens the log from its copy and checks that all that was answered is there. Throws with `state.at` in the message. */
export async function checkTakeover(state: TakeoverState): Promise<void> {
  const { disk, shared, sent, answered, at } = state;
  try {
    const node = await TestNode.open(spread(disk, shared), { logDir: COPY_DIR });
    await checkPromises(node, sent, answered, at);
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith(at) ? error : new Error(`${at}: ${message}`, { cause: error });
  }
}
