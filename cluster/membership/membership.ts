import { ConflictError, encodeError, type Logger, pause, type Timers } from '../../core/index.js';
import type { NodeRecord, NodeTable } from './node-record.js';

/** The name of this node is another incarnation's now: this one must not go on. */
export class ReplacedError extends ConflictError {
  constructor(name: string) {
    super(
      `another node has registered under the name "${name}"; this one ends. Give every node a name of its own`,
      { node: name },
    );
  }
}

export interface MembershipOptions {
  readonly table: NodeTable;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly beatMs: number;
  /** Called once, with a ReplacedError: the process ends. */
  readonly onReplaced: (error: ReplacedError) => void;
}

/**
 * This node in the table of nodes: written at the start, then a beat again and again. A table that cannot be reached is
 * asked again; whether this node is thought dead meanwhile is for the others to judge, by their clocks.
 */
export class Membership {
  readonly #end = new AbortController();
  #beating: Promise<void> = Promise.resolve();

  private constructor(
    readonly record: NodeRecord,
    private readonly options: MembershipOptions,
  ) {}

  /** Resolves when the node is registered. */
  static async join(record: NodeRecord, options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(record, options);
    await options.table.register(record);
    membership.#beating = membership.#beat();
    return membership;
  }

  /** Stops beating and takes the node out of the table: the others need not wait to see it. */
  async leave(): Promise<void> {
    this.#end.abort();
    await this.#beating;
    await this.options.table.remove(this.record.name, this.record.incarnation);
  }

  async #beat(): Promise<void> {
    const { timers, beatMs, onReplaced } = this.options;
    const { signal } = this.#end;
    for (;;) {
      await pause(timers, beatMs, signal).catch(() => {});
      if (signal.aborted) return;
      if (await this.#isStillOurs()) continue;
      onReplaced(new ReplacedError(this.record.name));
      return;
    }
  }

  async #isStillOurs(): Promise<boolean> {
    const { name, incarnation } = this.record;
    try {
      return await this.options.table.beat(name, incarnation);
    } catch (error) {
      this.options.logger.warn({ reason: encodeError(error).message }, 'the beat was not written');
      return true;
    }
  }
}
