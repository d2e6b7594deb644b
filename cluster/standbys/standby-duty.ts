import { type Clock, encodeError, FencedError, type Logger } from '../../core/index.js';
import type { LogHold, PushLogs } from '../metadata/push-logs.js';
import { chooseStandby } from './choose-standby.js';
import type { LogStandbys } from './log-standbys.js';

export interface StandbyDutyOptions {
  readonly hold: LogHold;
  readonly logs: Pick<PushLogs, 'list'>;
  readonly standbys: Pick<LogStandbys, 'names' | 'leaveBehind'>;
  /** How many there are to be, as far as nodes are there. */
  readonly wanted: number;
  /** Realtime nodes that live. */
  nodes(): readonly string[];
  /** See `PushWorker.addStandby`. */
  add(node: string): Promise<void>;
  /** Steady. */
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A node that could not be a standby is not asked again before. */
const RETRY_MS = 10_000;

/** Sees to it that the log of this node has as many standbys as it should. */
export class StandbyDuty {
  /** When a node is asked again that could not be one. */
  readonly #retryMs = new Map<string, number>();

  constructor(private readonly options: StandbyDutyOptions) {}

  /** One look, and at most one new standby. Throws FencedError when another node holds the log. */
  async round(): Promise<void> {
    const { hold, logs, standbys, wanted, nodes } = this.options;
    const states = await logs.list();
    const own = states.find(({ log }) => log === hold.log);
    if (own === undefined || own.holder !== hold.node || own.epoch !== hold.epoch) {
      const by = own?.holder ?? 'nobody';
      throw new FencedError(`the log "${hold.log}" was taken over; it is held by ${by}`, hold.log);
    }
    const alive = nodes();
    const gone = standbys.names.filter(
      (node) => !alive.includes(node) || !own.standbys.includes(node),
    );
    await standbys.leaveBehind(gone);
    if (standbys.names.length >= wanted) return;
    const nowMs = this.options.clock.nowMs();
    const node = chooseStandby({
      self: hold.node,
      nodes: alive.filter((each) => nowMs >= (this.#retryMs.get(each) ?? 0)),
      standbys: standbys.names,
      logs: states,
    });
    if (node !== null) await this.#add(node);
  }

  async #add(node: string): Promise<void> {
    const { add, clock, logger, hold } = this.options;
    try {
      await add(node);
      this.#retryMs.delete(node);
      logger.info({ log: hold.log, node }, 'a standby has the log');
    } catch (error) {
      if (error instanceof FencedError) throw error;
      this.#retryMs.set(node, clock.nowMs() + RETRY_MS);
      const reason = encodeError(error).message;
      logger.warn({ log: hold.log, node, reason }, 'the log could not be copied to a node');
    }
  }
}
