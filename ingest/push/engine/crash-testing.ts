import {
  CapacityError,
  type CrashRule,
  cutPowerAt,
  type Disk,
  type DiskOperationKind,
  type JsonObject,
  ManualClock,
  PowerCutError,
  type Random,
  SeededRandom,
  UnavailableError,
  utf8Encode,
  VirtualDisk,
} from '../../../core/index.js';
import { DEAD_LETTERS, type PushAnswer } from '../types.js';
import { TestNode, type TestNodeOptions } from './node-testing.js';

/** Rows of one push. An id is in one batch only; a broken row becomes a dead letter. */
export interface Batch {
  readonly producer: string;
  readonly sequence: number;
  readonly good: readonly string[];
  readonly broken: readonly string[];
  readonly ack: 'disk' | 'memory';
}

/** What the producers know: which batches they sent, and which were acknowledged as durable. */
export interface Ledger {
  readonly sent: readonly Batch[];
  readonly acked: ReadonlySet<Batch>;
}

/** A disk after a power cut, and what had been promised by then. */
export interface CrashState extends Ledger {
  readonly disk: VirtualDisk;
  /** For messages. */
  readonly at: string;
}

const TABLE = 'events';
const START_MS = Date.UTC(2024, 0, 1);
const PRODUCERS = ['a', 'b', 'c'];

/** The n-th version of the table: each lists a dimension more. */
const specOf = (version: number): JsonObject => ({
  timestampSpec: { column: 'ts', format: 'millis' },
  dimensionsSpec: {
    dimensions: [
      'id',
      { type: 'long', name: 'n' },
      ...Array.from({ length: version }, (_, i) => `later${i}`),
    ],
    useSchemaDiscovery: true,
  },
  metricsSpec: [{ type: 'count', name: 'count' }],
  granularitySpec: { segmentGranularity: 'hour', rollup: false },
});

const below = (random: Random, bound: number): number => random.nextUint32() % bound;

/** A run of producers over one engine, whose every step is drawn from one seed. */
class Workload {
  readonly #sent: Batch[] = [];
  readonly #acked = new Set<Batch>();
  readonly #sequences = new Map<string, number>();
  readonly #clock = new ManualClock(START_MS);
  #ids = 0;
  #version = 0;

  constructor(
    private readonly disk: Disk,
    private readonly random: Random,
    private readonly options: TestNodeOptions = {},
  ) {}

  get ledger(): Ledger {
    return { sent: [...this.#sent], acked: new Set(this.#acked) };
  }

  /** Runs so many steps. Rejects when the engine gives up; what fails otherwise is sent again later. */
  async run(steps: number): Promise<void> {
    const settings = { random: this.random, clock: this.#clock, ...this.options };
    const { engine } = await TestNode.open(this.disk, settings);
    if (!engine.has(TABLE)) await engine.declare(TABLE, specOf(this.#version));
    for (let step = 0; step < steps; step++) {
      this.#clock.advance(below(this.random, 60_000));
      const dice = below(this.random, 10);
      if (dice < 6) await Promise.all(this.#newBatches().map((batch) => this.#send(engine, batch)));
      else if (dice < 8) await this.#resend(engine);
      else if (dice < 9) await engine.handOff(TABLE).catch(ignoreRefusal);
      else if (below(this.random, 2) === 0) engine.tick();
      else await engine.declare(TABLE, specOf(++this.#version)).catch(ignoreRefusal);
    }
    // So that every run publishes, and trims.
    for (let last = 0; last < 2; last++) {
      await Promise.all(this.#newBatches().map((batch) => this.#send(engine, batch)));
      await engine.handOff(TABLE).catch(ignoreRefusal);
    }
    await engine.close();
  }

  #newBatches(): Batch[] {
    return PRODUCERS.slice(0, 1 + below(this.random, PRODUCERS.length)).map((producer) => {
      const sequence = this.#sequences.get(producer) ?? 0;
      this.#sequences.set(producer, sequence + 1);
      const batch: Batch = {
        producer,
        sequence,
        good: this.#newIds(1 + below(this.random, 5)),
        broken: this.#newIds(below(this.random, 2)),
        ack: below(this.random, 8) === 0 ? 'memory' : 'disk',
      };
      this.#sent.push(batch);
      return batch;
    });
  }

  #newIds(count: number): string[] {
    return Array.from({ length: count }, () => `id-${this.#ids++}`);
  }

  async #resend(engine: TestNode['engine']): Promise<void> {
    const batch = this.#sent[below(this.random, Math.max(1, this.#sent.length))];
    if (batch !== undefined) await this.#send(engine, batch);
  }

  async #send(engine: TestNode['engine'], batch: Batch): Promise<void> {
    try {
      const answer = await pushBatch(engine, batch);
      if (answer.durable) this.#acked.add(batch);
    } catch (error) {
      ignoreRefusal(error);
    }
  }
}

/** What a producer takes as "later": the disk, or the memory, is full. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof UnavailableError) && !(error instanceof CapacityError)) throw error;
}

/** Times lie in several chunks, and are a function of the row. */
function lineOf(id: string): string {
  const n = Number(id.slice(3));
  const extra = n % 7 === 0 ? `,"extra${n % 3}":"x${n}","later${n % 4}":"l${n}"` : '';
  return `{"ts":${START_MS + ((n * 997) % 50) * 600_000},"id":"${id}","n":${n}${extra}}`;
}

/** Sends a batch, for the first time or again. */
function pushBatch(engine: TestNode['engine'], batch: Batch): Promise<PushAnswer> {
  const { producer, sequence, good, broken, ack } = batch;
  const lines = [...good.map(lineOf), ...broken.map((id) => `broken ${id}`)];
  return engine.push({
    table: TABLE,
    format: 'ndjson',
    columns: null,
    body: utf8Encode(lines.join('\n')),
    producer,
    sequence,
    key: null,
    ack,
  });
}

/** How a run goes. */
export interface RunOptions extends TestNodeOptions {
  readonly seed: number;
  readonly steps: number;
  /** Puts a disk that breaks its promises before the real one. */
  readonly wrap?: (disk: VirtualDisk) => Disk;
}

const LOOKING: ReadonlySet<DiskOperationKind> = new Set([
  'read',
  'stat',
  'list',
  'openRead',
  'realPath',
]);

/** The disks that power cuts at every call of a run that changes something leave behind, under every rule. */
export async function crashStates(
  { seed, steps, wrap = (disk) => disk, ...options }: RunOptions,
  rules: readonly CrashRule[],
): Promise<CrashState[]> {
  const states: CrashState[] = [];
  const disk = new VirtualDisk();
  const chance = new SeededRandom(seed + 1);
  const workload = new Workload(wrap(disk), new SeededRandom(seed), options);
  disk.setFaults(({ index, kind, path }) => {
    if (LOOKING.has(kind)) return null;
    for (const rule of rules) {
      const at = `seed ${seed}, call ${index} (${kind} ${path}), rule ${JSON.stringify(rule)}`;
      states.push({ disk: disk.crash(rule, chance), at, ...workload.ledger });
    }
    return null;
  });
  await workload.run(steps);
  return states;
}

/**
 * A run during which the disk refuses some calls in a row, writing a part of what it is given, and then is
 * well again. A sync that fails ends the run, as it ends the process.
 */
export async function faultState(
  { seed, steps, ...options }: RunOptions,
  first: number,
  count: number,
): Promise<CrashState> {
  const random = new SeededRandom(seed + 2);
  let calls = 0;
  let isDead = false;
  const disk = new VirtualDisk({ onFatal: () => (isDead = true) });
  const workload = new Workload(disk, new SeededRandom(seed), options);
  disk.setFaults(({ kind }) => {
    if (isDead) return { error: new PowerCutError() };
    if (LOOKING.has(kind)) return null;
    const call = calls++;
    if (call < first || call >= first + count) return null;
    return { error: new UnavailableError('no space left'), writtenBytes: below(random, 3000) };
  });
  await workload.run(steps).catch((error: unknown) => {
    if (!isDead && !(error instanceof UnavailableError)) throw error;
  });
  const at = `seed ${seed}, ${count} calls from ${first} on failed`;
  return { disk: disk.crash('everything', random), at, ...workload.ledger };
}

/**
 * Recovers a disk and checks all promises: what was acknowledged is there, once; batches are there whole or not at all; the
 * counts add up; what is sent again then is there once as well. Throws with `state.at` in the message.
 */
export async function checkState({ disk, sent, acked, at }: CrashState): Promise<void> {
  const node = await TestNode.open(disk);
  if (!node.engine.has(TABLE)) {
    if (acked.size > 0) throw new Error(`${at}: the table is gone`);
    return;
  }
  await checkRows(node, sent, (batch) => acked.has(batch), at);
  checkCounts(node, at);
  for (const batch of sent) await pushBatch(node.engine, { ...batch, ack: 'disk' });
  await checkRows(node, sent, () => true, `${at}, sent again`);
  await node.engine.handOff(TABLE);
  await checkRows(node, sent, () => true, `${at}, handed off`);
  checkCounts(node, at);
  await node.engine.close();
}

async function checkRows(
  node: TestNode,
  sent: readonly Batch[],
  mustBe: (batch: Batch) => boolean,
  at: string,
): Promise<void> {
  const counts = new Map<string, number>();
  const count = (id: string): void => void counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const id of await node.values(TABLE, 'id')) count(String(id));
  for (const raw of await node.values(DEAD_LETTERS, 'raw'))
    count(String(raw).replace('broken ', ''));
  for (const batch of sent) {
    const found = [...batch.good, ...batch.broken].map((id) => counts.get(id) ?? 0);
    for (const id of [...batch.good, ...batch.broken]) counts.delete(id);
    const wanted = mustBe(batch) ? [1] : [0, 1];
    const isWhole = wanted.some((times) => found.every((each) => each === times));
    if (!isWhole) {
      throw new Error(
        `${at}: batch ${batch.producer} ${batch.sequence} is there ${found} times, want ${wanted}`,
      );
    }
  }
  if (counts.size > 0) throw new Error(`${at}: rows that nobody sent: ${[...counts.keys()]}`);
}

function checkCounts(node: TestNode, at: string): void {
  for (const counts of node.engine.stats().tables) {
    const { received, stored, late, rejected, deduplicated } = counts;
    if (received === stored + late + rejected + deduplicated) continue;
    throw new Error(`${at}: the counts do not add up: ${JSON.stringify(counts)}`);
  }
}

/** The disk that is found when recovery itself is cut at a call, and the next one, and so on. */
export async function cutAgain(state: CrashState, depth: number): Promise<CrashState> {
  let { disk } = state;
  const random = new SeededRandom(depth);
  for (let i = 0; i < depth; i++) {
    disk.setFaults(cutPowerAt(disk.operationCount + below(random, 30)));
    await TestNode.open(disk).catch((error: unknown) => {
      if (!(error instanceof PowerCutError)) throw error;
    });
    disk = disk.crash({ random: 0.5 }, random);
  }
  return { ...state, disk, at: `${state.at}, recovery cut ${depth} times` };
}
