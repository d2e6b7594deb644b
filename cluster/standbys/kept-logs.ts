import { type Clock, ConflictError, type Logger } from '../../core/index.js';
import type {
  CopiesThread,
  CopySession,
  CopyStart,
  KeptCopy,
  LogGroup,
} from '../../ingest/index.js';
import type { LogHold, PushLogState, PushLogs } from '../metadata/push-logs.js';

export interface KeptLogsOptions {
  readonly self: string;
  readonly copies: Pick<
    CopiesThread,
    'list' | 'begin' | 'append' | 'trim' | 'close' | 'remove' | 'directoryOf'
  >;
  readonly logs: Pick<PushLogs, 'list' | 'takeOver' | 'disclaim' | 'finish'>;
  isAlive(node: string): boolean;
  /** Publishes what the log in the directory has, and moves its tables; see `publishLog`. */
  publish(hold: LogHold, directory: string): Promise<readonly string[]>;
  /** Steady. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** A log whose holder has been gone for this time is taken over. */
  readonly takeOverAfterMs: number;
}

/** A copy that does not count and that nobody has written for this time is removed. */
const FORGOTTEN_MS = 60_000;

/**
 * Copies of the logs of other nodes, and what becomes of one whose node is lost: this node takes it over in the metadata, so that nobody else can
 * publish of it; publishes the rest of it, gives its tables to nodes that live, and removes it.
 */
export class KeptLogs {
  /** Those that this node takes over: nobody writes them any more. */
  readonly #taken = new Set<string>();
  readonly #writtenMs = new Map<string, number>();
  /** By log: since when its holder is gone. */
  readonly #goneMs = new Map<string, number>();
  #takeOvers = 0;
  #count = 0;

  constructor(private readonly options: KeptLogsOptions) {}

  /** How many copies there were at the last look, and how many logs were taken over since the start. */
  get counts(): { readonly copies: number; readonly takeOvers: number } {
    return { copies: this.#count, takeOvers: this.#takeOvers };
  }

  async begin(copy: CopySession, start: CopyStart): Promise<void> {
    const { logs, copies } = this.options;
    this.#checkWritten(copy.log);
    // One that was taken over by this very node, before it was started anew, must stay as it is.
    const state = (await logs.list()).find(({ log }) => log === copy.log);
    if (state?.holder !== copy.log) throw takenOver(copy.log);
    this.#checkWritten(copy.log);
    await copies.begin(copy, start);
  }

  async append(copy: CopySession, group: LogGroup): Promise<void> {
    this.#checkWritten(copy.log);
    await this.options.copies.append(copy, group);
  }

  async trim(copy: CopySession, before: number): Promise<void> {
    this.#checkWritten(copy.log);
    await this.options.copies.trim(copy, before);
  }

  /** One look at all copies. Throws what keeps it from looking; what goes wrong with a copy is tried again at the next look. */
  async round(): Promise<void> {
    const { logs, copies, logger } = this.options;
    const states = new Map((await logs.list()).map((state) => [state.log, state]));
    const kept = await copies.list();
    this.#count = kept.length;
    await this.#disclaim([...states.values()], kept);
    for (const copy of kept) {
      try {
        await this.#look(copy, states.get(copy.log));
      } catch (err) {
        logger.error({ log: copy.log, err }, 'the copy of a log could not be looked after');
      }
    }
  }

  /** Says which copies are lost that should be here: nobody need wait for this node to publish them. */
  async #disclaim(states: readonly PushLogState[], kept: readonly KeptCopy[]): Promise<void> {
    const { self, logs, logger } = this.options;
    for (const { log, logId, holder, standbys } of states) {
      const isWanted = standbys.includes(self) || (holder === self && log !== self);
      if (!isWanted || logId === null) continue;
      if (kept.some((copy) => copy.log === log && copy.logId === logId)) continue;
      logger.warn({ log }, 'the copy of a log is not on this disk any more');
      await logs.disclaim(log, logId, self);
    }
  }

  async #look({ log, logId }: KeptCopy, state: PushLogState | undefined): Promise<void> {
    const { self, isAlive, clock, takeOverAfterMs } = this.options;
    const isOurs = state?.logId === logId && state.holder === self;
    const counts = state?.logId === logId && state.standbys.includes(self);
    if (isOurs) return this.#takeOver(log, logId);
    if (!counts) return this.#forget(log);
    if (state.holder === null || isAlive(state.holder)) {
      this.#goneMs.delete(log);
      return;
    }
    const nowMs = clock.nowMs();
    const sinceMs = this.#goneMs.get(log) ?? nowMs;
    this.#goneMs.set(log, sinceMs);
    if (nowMs - sinceMs >= takeOverAfterMs) await this.#takeOver(log, logId);
  }

  async #takeOver(log: string, logId: string): Promise<void> {
    const { self, copies, logs, publish, logger } = this.options;
    this.#taken.add(log);
    try {
      await copies.close(log);
      const hold = await logs.takeOver(log, logId, self);
      logger.warn({ log }, 'the node of a log is lost; this one publishes what the log has');
      const tables = await publish(hold, copies.directoryOf(log));
      await logs.finish(hold);
      await copies.remove(log);
      this.#goneMs.delete(log);
      this.#takeOvers++;
      logger.info({ log, tables }, 'a log was taken over; others take rows of its tables');
    } finally {
      this.#taken.delete(log);
    }
  }

  async #forget(log: string): Promise<void> {
    const { clock, copies } = this.options;
    const nowMs = clock.nowMs();
    const writtenMs = this.#writtenMs.get(log) ?? nowMs;
    this.#writtenMs.set(log, writtenMs);
    if (nowMs - writtenMs < FORGOTTEN_MS) return;
    this.#writtenMs.delete(log);
    await copies.remove(log);
  }

  #checkWritten(log: string): void {
    if (this.#taken.has(log)) throw takenOver(log);
    this.#writtenMs.set(log, this.options.clock.nowMs());
  }
}

const takenOver = (log: string): ConflictError =>
  new ConflictError(`the log "${log}" is not its node's any more: another one publishes it`);
