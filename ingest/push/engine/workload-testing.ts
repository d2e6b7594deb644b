import {
  CapacityError,
  type Disk,
  type JsonObject,
  ManualClock,
  type Random,
  UnavailableError,
  utf8Encode,
} from '../../../core/index.js';
import { DEAD_LETTERS, type PushAnswer } from '../types.js';
import { TestNode, type TestNodeOptions } from './node-testing.js';
import type { PushEngine } from './push-engine.js';

/** Rows of one push. An id is in one batch only; a broken row becomes a dead letter. */
export interface Batch {
  readonly producer: string;
  readonly sequence: number;
  readonly good: readonly string[];
  readonly broken: readonly string[];
  readonly ack: 'disk' | 'memory';
}

/** What the producers know: which batches they sent, which were answered, and which of these as durable. */
export interface Ledger {
  readonly sent: readonly Batch[];
  readonly answered: ReadonlySet<Batch>;
  readonly acked: ReadonlySet<Batch>;
}

export const TABLE = 'events';
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

export const below = (random: Random, bound: number): number => random.nextUint32() % bound;

/** What else may happen: called before each step of a run, which waits for it. */
export type Meanwhile = (engine: PushEngine) => Promise<void>;

/** Producers over one engine after the other, whose every step is drawn from one seed. */
export class Workload {
  readonly #sent: Batch[] = [];
  readonly #answered = new Set<Batch>();
  readonly #acked = new Set<Batch>();
  readonly #sequences = new Map<string, number>();
  readonly #clock = new ManualClock(START_MS);
  #ids = 0;
  #version = 0;

  constructor(
    private readonly random: Random,
    private readonly meanwhile: Meanwhile = async () => undefined,
  ) {}

  get ledger(): Ledger {
    const answered = new Set(this.#answered);
    return { sent: [...this.#sent], answered, acked: new Set(this.#acked) };
  }

  /** Runs so many steps on an engine, and gives it, still open. Rejects when it gives up; what fails otherwise is sent again later. */
  async run(steps: number, disk: Disk, options: TestNodeOptions = {}): Promise<PushEngine> {
    const settings = { random: this.random, clock: this.#clock, ...options };
    const { engine } = await TestNode.open(disk, settings);
    if (!engine.has(TABLE)) await engine.declare(TABLE, specOf(this.#version));
    for (let step = 0; step < steps; step++) {
      await this.meanwhile(engine);
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
    return engine;
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

  async #resend(engine: PushEngine): Promise<void> {
    const batch = this.#sent[below(this.random, Math.max(1, this.#sent.length))];
    if (batch !== undefined) await this.#send(engine, batch);
  }

  async #send(engine: PushEngine, batch: Batch): Promise<void> {
    try {
      const answer = await pushBatch(engine, batch);
      this.#answered.add(batch);
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
function pushBatch(engine: PushEngine, batch: Batch): Promise<PushAnswer> {
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

/**
 * Checks all promises of an engine that has recovered, and closes it: what was acknowledged is there, once; batches are there
 * whole or not at all; the counts add up; what is sent again then is there once as well, also once it is handed off, and
 * the table can be given to others. Throws with `at` in the message.
 */
export async function checkPromises(
  node: TestNode,
  sent: readonly Batch[],
  acked: ReadonlySet<Batch>,
  at: string,
): Promise<void> {
  const { engine } = node;
  if (!engine.has(TABLE)) {
    if (acked.size > 0) throw new Error(`${at}: the table is gone`);
    return;
  }
  await checkRows(node, sent, (batch) => acked.has(batch), at);
  checkCounts(node, at);
  for (const batch of sent) await pushBatch(engine, { ...batch, ack: 'disk' });
  await checkRows(node, sent, () => true, `${at}, sent again`);
  await engine.handOff(TABLE);
  await checkRows(node, sent, () => true, `${at}, handed off`);
  checkCounts(node, at);
  await engine.give(TABLE);
  await engine.close();
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
