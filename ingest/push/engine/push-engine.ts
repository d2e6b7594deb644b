import {
  ConflictError,
  InternalError,
  type JsonObject,
  UnavailableError,
} from '../../../core/index.js';
import { type LogRange, PushLog } from '../../log/push-log.js';
import type { LogRecord } from '../../log/record.js';
import { type Command, decodeCommand } from '../command.js';
import { LiveMemory } from '../live/live-memory.js';
import { discoveredSpec } from '../spec/discovered-spec.js';
import type { Applied } from '../table-state.js';
import { tokenText } from '../token.js';
import type { GivenTable, LiveRelease, PushAnswer, PushRequest, ReplayRequest } from '../types.js';
import { checkRoom } from './check-room.js';
import { CommandLog, type LoggedCommands } from './command-log.js';
import { CommitQueue, type Waiting } from './commit-queue.js';
import type { PushEngineOptions } from './engine-options.js';
import { type EngineStats, RowRate } from './engine-stats.js';
import { HandoffSchedule } from './handoff-schedule.js';
import { Handoffs } from './handoffs.js';
import { LiveBudget } from './live-budget.js';
import type { PreparedCommand, PushTable } from './push-table.js';
import { PushTables } from './push-tables.js';
import { StandbyCopies } from './standby-copies.js';

/**
 * Takes pushed rows: logs them, makes them visible, hands them off to published segments.
 *
 *     push ─► queue ─► group: log, one sync, standbys ─► fold each command ─► announce ─► answers
 *                                                     │
 *              generation grows; ends ─► seal ─► publish with its position ─► trim the log
 *
 * Commands are folded one at a time, in the order of the log, and what a fold does depends on the command and
 * the state before it alone: recovery folds the same commands again. Everything else here (when a generation
 * ends, what is sealed when) changes only where rows lie.
 */
export class PushEngine {
  readonly #log: CommandLog;
  readonly #standbys: StandbyCopies;
  readonly #tables: PushTables;
  readonly #memory: LiveMemory;
  readonly #handoffs: Handoffs;
  readonly #queue: CommitQueue;
  readonly #schedule: HandoffSchedule;
  readonly #budget: LiveBudget;
  readonly #rates = new Map<string, RowRate>();
  readonly #discovering = new Map<string, Promise<void>>();
  #isRecovered = false;
  /** Commands before it are folded. */
  #foldedTo: number;
  #draining: Promise<void> | null = null;
  /** The end of what was begun in turn. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Why the last group could not be logged; null when it was. */
  #blocked: Error | null = null;
  /** Why nothing is taken any more. */
  #broken: unknown = null;

  private constructor(
    private readonly options: PushEngineOptions,
    log: PushLog,
    tables: PushTables,
    memory: LiveMemory,
  ) {
    this.#standbys = new StandbyCopies(log, options, (job) => this.#inTurn(job));
    this.#log = new CommandLog(log, this.#standbys, () => tables.checkpoint());
    this.#tables = tables;
    this.#memory = memory;
    this.#queue = new CommitQueue(options.limits.queueBytes);
    this.#foldedTo = log.start;
    this.#handoffs = new Handoffs({ ...options, announce: (table) => this.#announce([table]) });
    this.#budget = new LiveBudget(options, tables, memory, this.#handoffs);
    const foldedTo = (): number => this.#foldedTo;
    this.#schedule = new HandoffSchedule(options, this.#log, tables, this.#handoffs, foldedTo);
  }

  /**
   * Opens the log and folds what it holds: rows that are not published are live again when this resolves.
   * Throws UnavailableError when log and metadata do not belong together, and what `PushLog.open` throws.
   */
  static async open(options: PushEngineOptions): Promise<PushEngine> {
    const { disk, random, logDir, piecesDir, limits, catalog } = options;
    disk.removeTree(piecesDir);
    const stored = await catalog.tables();
    const { log, checkpoint, records, discardedBytes } = PushLog.open({
      disk,
      random,
      directory: logDir,
      syncedTo: Math.max(0, ...stored.map(({ position }) => position ?? 0)),
      ...(limits.logFileBytes === undefined ? {} : { fileBytes: limits.logFileBytes }),
    });
    const memory = new LiveMemory(options.arenas);
    const tables = new PushTables(memory, options.clock);
    tables.restore(stored, checkpoint);
    const engine = new PushEngine(options, log, tables, memory);
    await engine.#recover(records);
    if (discardedBytes > 0) options.logger.info({ discardedBytes }, 'the push log had a torn end');
    return engine;
  }

  get logId(): string {
    return this.#log.id;
  }

  /**
   * The answer comes when the rows are on disk (or, with `ack: 'memory'`, in memory) and every query from then on sees
   * them. A table that is not declared gets the spec that these rows show; UserError when they show none. Throws CapacityError when
   * there is no room or the table's rate is used up, ConflictError for a batch that may have been taken too long ago to
   * know, UnavailableError when the disk takes no more: then nothing of the batch is stored.
   */
  async push(request: PushRequest): Promise<PushAnswer> {
    if (!this.#tables.has(request.table)) await this.#discover(request);
    const table = this.#tables.get(request.table);
    const sizeBytes = request.body.length;
    this.#checkRoom(table, sizeBytes);
    return this.#enqueue(table, sizeBytes, request.ack === 'disk', (arrivalMs) =>
      table.pushCommand(request, arrivalMs),
    );
  }

  /** Pushes dead letters again: those that are stored now are letters no more, the others stay what they are. */
  replay(request: ReplayRequest): Promise<PushAnswer> {
    const table = this.#tables.get(request.table);
    const sizeBytes = request.letters.reduce((sum, { raw }) => sum + raw.length, 0);
    this.#checkRoom(table, sizeBytes);
    return this.#enqueue(table, sizeBytes, true, (arrivalMs) =>
      table.replayCommand(request, arrivalMs),
    );
  }

  has(table: string): boolean {
    return this.#tables.has(table);
  }

  /** Makes a table, or gives it a new spec; gives the version. Throws UserError that names what is wrong. */
  declare(name: string, spec: JsonObject): Promise<number> {
    return this.#inTurn(async () => {
      this.#checkUsable();
      this.#tables.check(name, spec);
      const position = this.#log.end;
      // The metadata is about to name a position: the log must not end before it any more.
      this.#log.sync();
      const version = await this.options.catalog.declare(name, spec, position);
      this.#tables.declared(name, spec, position);
      return version;
    });
  }

  /**
   * Takes up a table that the catalogue has given to this log, with what the log that had it before knew; one that is not
   * declared yet comes with its first rows. Throws ConflictError when it is not this log's, UnavailableError when the disk takes no more.
   */
  adopt(name: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#checkUsable();
      // The metadata is about to name a position: the log must not end before it any more.
      this.#log.sync();
      const opened = await this.options.catalog.open(name, this.#log.end);
      if (opened === null) return;
      const table = this.#tables.opened(opened);
      const { epoch, state } = opened;
      if (state === null || epoch <= table.state.epoch) return;
      const command: Command = { kind: 'adopt', table: name, epoch, state };
      const { ranges, copied } = this.#log.append([command], true);
      try {
        await copied;
        await this.#fold(table, command, ranges[0]!);
      } catch (error) {
        this.#break(error, []);
        throw error;
      }
    });
  }

  /**
   * Gives a table away of which all is published: where it stands, and what the next log has to know. Nothing more of it is
   * taken before it is adopted again. Throws ConflictError while it has rows that are not published.
   */
  give(name: string): Promise<GivenTable> {
    return this.#inTurn(async () => {
      this.#checkUsable();
      const table = this.#tables.get(name);
      if (table.unpublishedFrom !== null || table.publishedTo === null) {
        throw new ConflictError(`table ${name} has rows that are not published; hand them off`, {
          table: name,
        });
      }
      const position = table.publishedTo;
      table.publishedTo = null;
      return { position, state: table.state.checkpoint() };
    });
  }

  /** Copies the log to a node, which is a standby when this resolves: from then on nothing is acknowledged that it does not have. */
  addStandby(node: string): Promise<void> {
    this.#checkUsable();
    return this.#standbys.add(node);
  }

  /** Publishes all that the table has answered so far. */
  async handOff(name: string): Promise<void> {
    this.#checkUsable();
    await this.#schedule.handOff(this.#tables.get(name));
  }

  /** Gives back what no query reads any more. */
  released(release: LiveRelease): void {
    this.#memory.released(release);
  }

  /** To be called about once a second: begins handoffs that are due. */
  tick(): void {
    const nowMs = this.options.clock.nowMs();
    for (const rate of this.#rates.values()) rate.tick(nowMs);
    this.#schedule.consider(this.#tables.all());
  }

  stats(): EngineStats {
    const nowMs = this.options.clock.nowMs();
    const { oldestMs, length, sizeBytes } = this.#queue;
    return {
      tables: this.#tables
        .all()
        .flatMap((table) => table.stats(nowMs, this.#rateOf(table.name).perSecond) ?? []),
      position: this.#foldedTo,
      waitingPushes: length,
      waitingBytes: sizeBytes,
      lagMs: oldestMs === null ? 0 : Math.max(0, nowMs - oldestMs),
      logBytes: this.#log.sizeBytes,
      memoryBytes: this.#memory.usedBytes,
      blocked: this.#blocked?.message ?? null,
    };
  }

  /** Takes no more, also of what waits. Rows that are not published are live again after the next start. */
  async close(): Promise<void> {
    const closing = new UnavailableError('the server is shutting down; push again when it is back');
    this.#broken ??= closing;
    await this.#draining;
    await this.#turn;
    await this.#handoffs.idle();
    // A state that was broken on the way is no checkpoint.
    if (this.#broken === closing) this.#tryRoll();
    this.#log.close();
    this.#memory.close();
  }

  /** Declares a table as its first rows show it, once however many come at the same time. */
  #discover(request: PushRequest): Promise<unknown> {
    const { table } = request;
    const known = this.#discovering.get(table);
    if (known !== undefined) return known;
    const declared = this.#declareFirst(request).finally(() => this.#discovering.delete(table));
    this.#discovering.set(table, declared);
    return declared;
  }

  async #declareFirst(request: PushRequest): Promise<void> {
    await this.declare(request.table, discoveredSpec(request.table, request));
  }

  #checkUsable(): void {
    if (this.#broken === null) return;
    if (this.#broken instanceof UnavailableError) throw this.#broken;
    throw new InternalError('pushed rows are not taken any more', {}, this.#broken);
  }

  #checkRoom(table: PushTable, sizeBytes: number): void {
    this.#checkUsable();
    this.#queue.checkRoom(sizeBytes);
    const { clock, limits } = this.options;
    checkRoom(table, clock.nowMs(), this.#memory.usedBytes, limits);
  }

  #enqueue(
    table: PushTable,
    sizeBytes: number,
    durable: boolean,
    prepare: Waiting['prepare'],
  ): Promise<PushAnswer> {
    return new Promise((resolve, reject) => {
      const sinceMs = this.options.clock.nowMs();
      this.#queue.add({ table, sizeBytes, durable, sinceMs, prepare, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Commits groups until nothing waits. Requests that have arrived by then join the group. */
  async #drain(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#inTurn(() => this.#commit(this.#queue.take()));
    } while (this.#queue.length > 0);
    this.#draining = null;
  }

  /** Groups and declarations come one after another: a spec must fit the columns that the table has when it is taken. */
  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(job, job);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Folds what the log holds; what is found is made durable, since queries are about to see it. */
  async #recover(records: Iterable<LogRecord>): Promise<void> {
    for (const record of records) {
      const command = decodeCommand(record.payload);
      await this.#fold(this.#tables.logged(command.table), command, record);
    }
    this.#tryRoll();
    this.#isRecovered = true;
    this.#announce(this.#tables.all());
  }

  /** Makes durable what is in the log, as far as the disk has room. */
  #tryRoll(): void {
    try {
      this.#log.roll();
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      this.#blocked = error;
    }
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const prepared = this.#prepare(group);
    if (prepared.length === 0) return;
    const durable = prepared.some(({ waiting }) => waiting.durable);
    const logged = this.#append(prepared, durable);
    if (logged === null) return;
    const { ranges, copied } = logged;
    const applied: Applied[] = [];
    try {
      await copied;
      for (const [i, { waiting, command }] of prepared.entries()) {
        applied.push(await this.#fold(waiting.table, command, ranges[i]!));
      }
    } catch (error) {
      this.#break(error, prepared);
      return;
    }
    this.#announce([...tablesOf(prepared)]);
    for (const [i, each] of prepared.entries()) this.#answer(each, applied[i]!, durable);
    this.#schedule.consider(tablesOf(prepared));
    this.#budget.relieve();
  }

  #answer({ waiting, command, first }: Prepared, applied: Applied, durable: boolean): void {
    if (applied.outcome === 'refused') {
      waiting.reject(applied.error);
      return;
    }
    const { table, sizeBytes } = waiting;
    const answer = applied.answer ?? first;
    if (answer === null) throw new InternalError(`a ${command.kind} without an answer`);
    const nowMs = this.options.clock.nowMs();
    table.charge(answer.received, sizeBytes, nowMs);
    this.#rateOf(table.name).add(answer.received);
    const { position, ...counts } = answer;
    const duplicate = applied.outcome === 'duplicate';
    const token = tokenText({ logId: this.#log.id, position });
    waiting.resolve({ table: table.name, ...counts, duplicate, durable, token });
  }

  /** Logs a group; null when the disk does not take it: then nothing of it has happened. */
  #append(prepared: readonly Prepared[], durable: boolean): LoggedCommands | null {
    try {
      const commands = prepared.map(({ command }) => command);
      const logged = this.#log.append(commands, durable);
      this.#blocked = null;
      return logged;
    } catch (error) {
      if (!(error instanceof UnavailableError)) this.#break(error, prepared);
      else this.#refuse(error, prepared);
      return null;
    }
  }

  #refuse(error: UnavailableError, prepared: readonly Prepared[]): void {
    if (this.#blocked === null)
      this.options.logger.error({ err: error }, 'the push log takes no more');
    this.#blocked = error;
    const told = new UnavailableError(
      `${error.message}; nothing of this batch is stored, send it again when the disk takes writes again`,
      error.context,
      error,
    );
    for (const { waiting } of prepared) waiting.reject(told);
  }

  /** What fails behind the log has an outcome that only recovery knows: nothing is taken any more. */
  #break(error: unknown, prepared: readonly Prepared[]): void {
    this.#broken = error;
    this.options.logger.fatal({ err: error }, 'pushed rows are not taken any more');
    const told = new UnavailableError(
      'the server failed while it took this batch, and knows only after a restart whether it is stored; send it again then',
    );
    for (const { waiting } of prepared) waiting.reject(told);
  }

  /** Turns requests into commands; those that are refused are told so and left out. */
  #prepare(group: readonly Waiting[]): Prepared[] {
    const arrivalMs = this.options.clock.nowMs();
    const prepared: Prepared[] = [];
    for (const waiting of group) {
      try {
        this.#checkUsable();
        waiting.table.checkTaken();
        prepared.push({ waiting, ...waiting.prepare(arrivalMs) });
      } catch (error) {
        waiting.reject(error);
      }
    }
    return prepared;
  }

  async #fold(table: PushTable, command: Command, { position, end }: LogRange): Promise<Applied> {
    await this.#budget.makeRoom();
    const applied = table.fold(command, position, end);
    this.#foldedTo = end;
    return applied;
  }

  /** Nothing is shown before all is recovered: until then counts would grow a second time. */
  #announce(changed: readonly PushTable[]): void {
    if (!this.#isRecovered) return;
    const tables = changed.map((table) => table.live());
    this.#memory.show(tables);
    this.options.announce({ logId: this.#log.id, position: this.#foldedTo, tables });
  }

  #rateOf(table: string): RowRate {
    const rate = this.#rates.get(table) ?? new RowRate(this.options.clock.nowMs());
    this.#rates.set(table, rate);
    return rate;
  }
}

/** A request that has become a command. */
interface Prepared extends PreparedCommand {
  readonly waiting: Waiting;
}

const tablesOf = (prepared: readonly Prepared[]): ReadonlySet<PushTable> =>
  new Set(prepared.map(({ waiting }) => waiting.table));
