import { type Clock, invariant, UnavailableError } from '../../../core/index.js';
import type { DimensionSchema, SegmentSchema } from '../../../segments/index.js';
import { TimeChunks } from '../../batch/time-chunks.js';
import { overInputs } from '../../rows/metric-input.js';
import type { Command, PushCommand } from '../command.js';
import { DEAD_LETTER_SCHEMA } from '../letters/dead-letters.js';
import { Generation } from '../live/generation.js';
import type { LiveStore } from '../live/live-rows.js';
import type { TableSpec } from '../spec/table-spec.js';
import type { BatchAnswer } from '../state/answer.js';
import { ANY_TIME, latestTime } from '../state/judge.js';
import { type Applied, type TableState, tableSchema } from '../table-state.js';
import type { LiveTable, PushRequest, ReplayRequest } from '../types.js';
import type { TableStats } from './engine-stats.js';
import { RateLimit } from './rate-limit.js';

/** What a request becomes in the log. */
export interface PreparedCommand {
  readonly command: Command;
  /** Of a batch that is known as a repeat: the first answer. */
  readonly first: BatchAnswer | null;
}

interface Limits {
  readonly version: number;
  readonly rows: RateLimit | null;
  readonly bytes: RateLimit | null;
}

/** One push table as the engine runs it: the state that its commands made, and its generations. */
export class PushTable {
  /** Oldest first; only the last one may grow. */
  readonly #generations: Generation[] = [];
  #limits: Limits = { version: 0, rows: null, bytes: null };
  /** What the open segment follows. */
  #openSpec: TableSpec | null = null;
  #newestMs: number | null = null;

  constructor(
    readonly state: TableState,
    /** Commands before it are published; null: the log has nothing of the table, and takes nothing. */
    public publishedTo: number | null,
    private readonly store: LiveStore,
    private readonly clock: Clock,
  ) {}

  get name(): string {
    return this.state.name;
  }

  get generations(): readonly Generation[] {
    return this.#generations;
  }

  /** The latest time of a row that came since the start; null before there is one. */
  get newestMs(): number | null {
    return this.#newestMs;
  }

  /** The one that grows. */
  get growing(): Generation | null {
    const last = this.#generations.at(-1);
    return last?.grows ? last : null;
  }

  /** The oldest that grows no more: the next to be published. */
  get nextToPublish(): Generation | null {
    const [first] = this.#generations;
    return first === undefined || first.grows ? null : first;
  }

  /** Where the oldest unpublished rows may be; null when there are none. */
  get unpublishedFrom(): number | null {
    return this.#generations[0]?.from ?? null;
  }

  /** Throws ConflictError for a repeat of which it is not known any more whether it was taken. */
  pushCommand(request: PushRequest, arrivalMs: number): PreparedCommand {
    const known = this.state.known(request);
    const { table, format, columns = null, body, producer, sequence, key, ack } = request;
    if (known.kind === 'refused') throw known.error;
    if (known.kind === 'duplicate') {
      const { answer } = known;
      return { command: { kind: 'duplicate', table, rows: answer.received }, first: answer };
    }
    const identity = { producer, sequence, key };
    const { specVersion } = this.state;
    const command: PushCommand = {
      kind: 'push',
      table,
      specVersion,
      format,
      columns,
      arrivalMs,
      ack,
      ...identity,
      body,
    };
    return { command, first: null };
  }

  replayCommand({ table, letters, acceptLate }: ReplayRequest, arrivalMs: number): PreparedCommand {
    const { specVersion } = this.state;
    return {
      command: { kind: 'replay', table, specVersion, arrivalMs, acceptLate, letters },
      first: null,
    };
  }

  /** Takes one command; its rows join the live ones unless they are published already. */
  fold(command: Command, position: number, end: number): Applied {
    const applied = this.state.apply(command, end);
    const { publishedTo } = this;
    if (applied.outcome === 'taken' && publishedTo !== null && position >= publishedTo) {
      this.#keep(applied, position);
    }
    return applied;
  }

  /** Milliseconds until its rate allows more; 0 when it does now. */
  waitMs(nowMs: number): number {
    const { rows, bytes } = this.#limitsNow(nowMs);
    return Math.max(rows?.waitMs(nowMs) ?? 0, bytes?.waitMs(nowMs) ?? 0);
  }

  /** Counts against its rate. */
  charge(rows: number, bytes: number, nowMs: number): void {
    const limits = this.#limitsNow(nowMs);
    limits.rows?.take(rows, nowMs);
    limits.bytes?.take(bytes, nowMs);
  }

  /** The generation that grows ends before `to`: commands from there on begin another one. */
  endGeneration(to: number): void {
    this.growing?.end(to);
  }

  /** The oldest generation is published: nobody is shown it any more. */
  published(generation: Generation): void {
    invariant(this.#generations[0] === generation, 'generations are published in order');
    this.#generations.shift();
    this.publishedTo = generation.to;
  }

  /** Throws UnavailableError while the table goes to another log. */
  checkTaken(): void {
    if (this.publishedTo !== null) return;
    throw new UnavailableError(
      `table ${this.name} goes to another node just now; send the batch again after the time in Retry-After`,
      { table: this.name },
    );
  }

  /** Null where the log takes no rows of it. */
  stats(nowMs: number, rowsPerSecond: number): TableStats | null {
    const { state, generations, publishedTo, newestMs } = this;
    if (publishedTo === null) return null;
    return {
      table: this.name,
      ...state.stats,
      bufferedRows: generations.reduce((sum, { rowCount }) => sum + rowCount, 0),
      bufferedBytes: generations.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      rowsPerSecond,
      freshnessMs: newestMs === null ? null : Math.max(0, nowMs - newestMs),
      publishedPosition: publishedTo,
    };
  }

  live(): LiveTable {
    const generations = this.#generations.map((generation) => generation.live());
    return { table: this.name, generations };
  }

  #keep(
    { rows, letters }: Extract<Applied, { readonly outcome: 'taken' }>,
    position: number,
  ): void {
    if (rows === null && letters === null) return;
    const generation = this.growing ?? this.#begin(position);
    if (rows !== null) {
      // The rows of one segment follow one spec: that of their commands, which need not be the newest.
      if (this.#openSpec !== rows.spec) generation.rows.freeze();
      this.#openSpec = rows.spec;
      generation.rows.append(rows);
      const latestMs = latestTime(rows, ANY_TIME);
      this.#newestMs = Math.max(this.#newestMs ?? latestMs, latestMs);
    }
    if (letters === null) return;
    const kept = Uint32Array.from(letters.letters.keys());
    generation.letters.append({ cursor: letters, kept, ...DEAD_LETTER_SCHEMA });
  }

  #begin(position: number): Generation {
    const generation = new Generation(position, this.clock.nowMs(), this.name, this.store, {
      rows: (dimensions) => this.#schema(dimensions),
      letters: () => DEAD_LETTER_SCHEMA,
    });
    this.#generations.push(generation);
    return generation;
  }

  #schema(dimensions: readonly DimensionSchema[]): SegmentSchema {
    const spec = this.#openSpec ?? this.state.spec;
    const chunks = new TimeChunks(spec.granularity.segmentGranularity, []);
    const schema = tableSchema(spec, dimensions);
    return {
      ...schema,
      metrics: schema.metrics.map(overInputs),
      chunkOf: (timeMs) => chunks.spanAt(timeMs),
    };
  }

  #limitsNow(nowMs: number): Limits {
    const { spec, specVersion: version } = this.state;
    if (this.#limits.version === version) return this.#limits;
    const limit = (perSecond: number | null): RateLimit | null =>
      perSecond === null ? null : new RateLimit(perSecond, nowMs);
    const { rowsPerSecond, bytesPerSecond } = spec.limits;
    this.#limits = { version, rows: limit(rowsPerSecond), bytes: limit(bytesPerSecond) };
    return this.#limits;
  }
}
