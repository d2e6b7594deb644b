import {
  encodeError,
  type Logger,
  pause,
  type Timers,
  UnavailableError,
} from '../../core/index.js';
import type { CopyLink, CopySession, CopyStart, LogGroup } from '../../ingest/index.js';
import type { LogHold, PushLogs } from '../metadata/push-logs.js';
import type { NodeClient } from '../transport/node-client.js';
import type { Outgoing } from '../transport/types.js';
import { APPEND_TO_COPY, BEGIN_COPY, TRIM_COPY } from './copy-methods.js';
import { groupMessage, startMessage, trimMessage } from './copy-wire.js';

export interface LogStandbysOptions {
  readonly hold: LogHold;
  readonly logs: Pick<PushLogs, 'setStandbys'>;
  readonly client: Pick<NodeClient, 'call'>;
  /** Where a node is that lives; null: it does not. */
  urlOf(node: string): string | null;
  newSession(): string;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Raised when this node ends: then nothing is waited for. */
  readonly signal: AbortSignal;
  /** Who has not taken a group by then is left behind. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 5000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/**
 * The standbys of this node's log. The metadata name those that have everything acknowledged: one joins them when it does, and one that does not
 * take a group is struck off before that is acknowledged. So whoever they name may take the log over.
 */
export class LogStandbys implements CopyLink {
  #names: readonly string[] = [];
  /** Whether the metadata may name others: it is not known what became of the last change. */
  #isUnsure = false;
  readonly #sessions = new Map<string, CopySession>();
  #logId = '';
  /** The end of what changes the names. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: LogStandbysOptions) {}

  get names(): readonly string[] {
    return this.#names;
  }

  async begin(node: string, start: CopyStart): Promise<void> {
    const copy = { log: this.options.hold.log, session: this.options.newSession() };
    this.#logId = start.logId;
    // Its copy goes: nobody may take that for one that counts.
    await this.leaveBehind([node]);
    await this.#call(node, BEGIN_COPY, startMessage(copy, start));
    this.#sessions.set(node, copy);
  }

  async send(node: string, group: LogGroup): Promise<void> {
    await this.#call(node, APPEND_TO_COPY, groupMessage(this.#sessionOf(node), group));
  }

  join(node: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#name([...this.#names, node]);
    });
  }

  async append(group: LogGroup): Promise<number> {
    // The names may change meanwhile.
    const asked = this.#names;
    const taken = await Promise.all(asked.map((node) => this.#take(node, group)));
    const behind = asked.filter((_, i) => !taken[i]);
    if (behind.length > 0 || this.#isUnsure) await this.leaveBehind(behind);
    return this.#names.length;
  }

  trim(before: number): void {
    for (const node of this.#names) {
      const message = trimMessage(this.#sessionOf(node), before);
      // It would only take room there; the next one comes.
      this.#call(node, TRIM_COPY, { message }).catch(() => undefined);
    }
  }

  /**
   * These are standbys no more when this resolves: they can join again. Tried until the metadata take it. Rejects with FencedError when another
   * node holds the log, and when this node ends.
   */
  leaveBehind(nodes: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      const left = this.#names.filter((node) => !nodes.includes(node));
      if (left.length === this.#names.length && !this.#isUnsure) return;
      await this.#patiently(() => this.#name(left));
    });
  }

  async #take(node: string, group: LogGroup): Promise<boolean> {
    try {
      await this.send(node, group);
      return true;
    } catch (error) {
      const { logger, hold } = this.options;
      const reason = encodeError(error).message;
      logger.warn({ log: hold.log, node, reason }, 'a standby of the log is left behind');
      return false;
    }
  }

  async #name(names: readonly string[]): Promise<void> {
    const { logs, hold } = this.options;
    this.#isUnsure = true;
    await logs.setStandbys(hold, this.#logId, names);
    this.#isUnsure = false;
    this.#names = names;
  }

  async #patiently(work: () => Promise<void>): Promise<void> {
    const { timers, signal, logger } = this.options;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await work();
        return;
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        logger.warn({ err: error }, 'the standbys of the log cannot be named; it is tried again');
        await pause(timers, pauseMs, signal);
      }
    }
  }

  #inTurn(job: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(job, job);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #call(node: string, method: string, request: Outgoing): Promise<void> {
    const { client, signal, deadlineMs = DEADLINE_MS } = this.options;
    const answer = await client.call(this.#urlOf(node), method, request, { deadlineMs, signal });
    for await (const _ of answer.frames);
  }

  #urlOf(node: string): string {
    const url = this.options.urlOf(node);
    if (url !== null) return url;
    throw new UnavailableError(`the node "${node}" is not there`, { node });
  }

  #sessionOf(node: string): CopySession {
    const session = this.#sessions.get(node);
    if (session !== undefined) return session;
    throw new UnavailableError(`nothing was copied to the node "${node}"`, { node });
  }
}
