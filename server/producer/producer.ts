import { CapacityError, UserError, utf8Encode, uuid } from '../../core/index.js';
import { addCounts, NO_ROWS, type PushAnswer, type RowCounts } from '../../ingest/index.js';
import { BatchSender } from './batch-sender.js';
import { checkedOptions, type ProducerOptions, type ProducerSettings } from './options.js';
import { rowLine } from './row-line.js';
import type { ProducerWorld, Transport } from './transport.js';

/** Sends that may wait for room at a time; who sends on without waiting is told so. */
const MAX_WAITING_SENDS = 100_000;

/** What a producer has done so far. */
export interface ProducerCounts extends RowCounts {
  /** Rows given to `send` that the store has not answered for. */
  readonly pending: number;
  readonly batches: number;
  readonly retries: number;
}

interface Line {
  readonly text: string;
  readonly sizeBytes: number;
}

/** A send that waits for room. */
interface WaitingSend {
  readonly line: Line;
  resolve(): void;
  reject(error: unknown): void;
}

/** A flush that waits for the first `rows` rows. */
interface WaitingFlush {
  readonly rows: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Pushes rows of one table: gathers them to batches, and sends each batch until the store has taken it, so that every
 * row counts exactly once, whatever fails in between. What it holds is bounded: `send` waits for room.
 *
 * Rows have numbers in the order of `send`. Those below #settled are answered for; then come batches under way, then
 * lines, then waiting sends. Batches go out in order, and not more than `maxInFlight` beyond the oldest that is
 * not answered: with one, rows are stored in the order of `send`.
 */
export class Producer<Row extends object = Record<string, unknown>> {
  readonly #settings: ProducerSettings;
  readonly #sender: BatchSender;
  #lines: Line[] = [];
  #linesBytes = 0;
  /** The number of the first line. */
  #firstLine = 0;
  /** The first row of each batch under way, in order, and whether it is answered. */
  readonly #underWay: { readonly firstRow: number; settled: boolean }[] = [];
  #heldBytes = 0;
  readonly #sends: WaitingSend[] = [];
  #flushes: WaitingFlush[] = [];
  /** Rows that are to be sent without waiting for more. */
  #flushTo = 0;
  #lingers = false;
  #closed = false;
  #failure: { readonly error: unknown } | null = null;
  #sums = NO_ROWS;
  #batches = 0;

  constructor(
    table: string,
    options: ProducerOptions,
    transport: Transport,
    private readonly world: ProducerWorld,
  ) {
    const settings = checkedOptions(options);
    this.#settings = settings;
    this.#sender = new BatchSender({
      transport,
      world,
      table,
      producer: settings.name ?? uuid(world.random),
      firstSequence: settings.firstSequence ?? 0,
      ack: settings.ack,
      giveUpAfterMs: settings.giveUpAfterMs,
      mayRepeat: false,
    });
  }

  get counts(): ProducerCounts {
    return {
      ...this.#sums,
      pending: this.#sent - this.#settled,
      batches: this.#batches,
      retries: this.#sender.retries,
    };
  }

  /** The sequence of the next batch: where a producer of the same name may go on after this one is closed. */
  get nextSequence(): number {
    return this.#sender.nextSequence;
  }

  /**
   * Resolves when the row is held; await it, so that a slow store slows the sender down. Rejects when the row is none,
   * the producer is closed, or an earlier batch failed for good: with what it failed with.
   */
  async send(row: Row): Promise<void> {
    this.#checkUsable();
    const text = rowLine(row);
    const line = { text, sizeBytes: Buffer.byteLength(text) + 1 };
    if (this.#sends.length === 0 && this.#hasRoom()) {
      this.#accept(line);
      this.#step();
      return;
    }
    if (this.#sends.length >= MAX_WAITING_SENDS) {
      throw new CapacityError(`${MAX_WAITING_SENDS} sends wait already; await each send`, 1000);
    }
    await new Promise<void>((resolve, reject) => this.#sends.push({ line, resolve, reject }));
  }

  /** Resolves when all rows sent so far are stored, or told of in `counts`. Rejects as `send` does. */
  async flush(): Promise<void> {
    this.#throwFailure();
    const rows = this.#sent;
    if (rows <= this.#settled) return;
    this.#flushTo = Math.max(this.#flushTo, rows);
    const done = new Promise<void>((resolve, reject) =>
      this.#flushes.push({ rows, resolve, reject }),
    );
    this.#step();
    await done;
  }

  /** Flushes, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  /** Rows ever given to `send`. */
  get #sent(): number {
    return this.#firstLine + this.#lines.length + this.#sends.length;
  }

  get #settled(): number {
    return this.#underWay[0]?.firstRow ?? this.#firstLine;
  }

  #hasRoom(): boolean {
    return this.#heldBytes < this.#settings.maxBufferedBytes;
  }

  #accept(line: Line): void {
    this.#lines.push(line);
    this.#linesBytes += line.sizeBytes;
    this.#heldBytes += line.sizeBytes;
  }

  /** Sends what is due, and lets in who waits. */
  #step(): void {
    while (this.#sends.length > 0 && this.#hasRoom()) {
      const { line, resolve } = this.#sends.shift()!;
      this.#accept(line);
      resolve();
    }
    while (this.#underWay.length < this.#settings.maxInFlight && this.#isDue()) this.#startBatch();
    if (this.#lines.length > 0 && !this.#lingers) void this.#linger();
  }

  #isDue(): boolean {
    const { maxBatchRows, maxBatchBytes } = this.#settings;
    return (
      this.#lines.length >= maxBatchRows ||
      this.#linesBytes >= maxBatchBytes ||
      (this.#lines.length > 0 && this.#firstLine < this.#flushTo)
    );
  }

  /** After a while what is there is sent, be it little. */
  async #linger(): Promise<void> {
    this.#lingers = true;
    await this.world.sleep(this.#settings.lingerMs);
    this.#lingers = false;
    this.#flushTo = Math.max(this.#flushTo, this.#firstLine + this.#lines.length);
    if (this.#failure === null) this.#step();
  }

  #startBatch(): void {
    const { maxBatchRows, maxBatchBytes } = this.#settings;
    let rows = 0;
    let bytes = 0;
    for (const { sizeBytes } of this.#lines) {
      if (rows === maxBatchRows || (rows > 0 && bytes + sizeBytes > maxBatchBytes)) break;
      rows++;
      bytes += sizeBytes;
    }
    const lines = this.#lines.splice(0, rows);
    this.#linesBytes -= bytes;
    const batch = { firstRow: this.#firstLine, settled: false };
    this.#firstLine += rows;
    this.#underWay.push(batch);
    const body = utf8Encode(lines.map(({ text }) => `${text}\n`).join(''));
    this.#sender.send('ndjson', body).then(
      (answer) => {
        batch.settled = true;
        this.#heldBytes -= bytes;
        this.#settle(answer);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #settle(answer: PushAnswer): void {
    this.#sums = addCounts(this.#sums, answer);
    this.#batches++;
    while (this.#underWay[0]?.settled) this.#underWay.shift();
    const settled = this.#settled;
    const done = this.#flushes.filter(({ rows }) => rows <= settled);
    this.#flushes = this.#flushes.filter(({ rows }) => rows > settled);
    for (const { resolve } of done) resolve();
    this.#settings.onAnswer?.(answer);
    if (this.#failure === null) this.#step();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#sends.splice(0)) reject(error);
    for (const { reject } of this.#flushes.splice(0)) reject(error);
  }

  #checkUsable(): void {
    this.#throwFailure();
    if (this.#closed) throw new UserError('the producer is closed; make another one');
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
