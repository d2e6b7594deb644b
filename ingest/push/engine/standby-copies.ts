import { ConflictError, UnavailableError } from '../../../core/index.js';
import type { PushLog } from '../../log/push-log.js';
import { type CopyLink, type LogGroup, NO_COPIES } from '../copies/types.js';
import type { PushEngineOptions } from './engine-options.js';

/** What is sent at a time to a copy that has not joined. */
const GROUP_BYTES = 4 * 2 ** 20;

/** What may be missing when commits wait for the rest, as a part of that. */
const LAST_PART = 1 / 4;

/** Files that are sent while commits go on; those that are left after them are not waited for for ever. */
const PASSES = 100;

/** Runs a job between commits. */
export type InTurn = (job: () => Promise<void>) => Promise<void>;

/** Brings the log to other nodes: those that join get it from its files, while commits go on; then each group as it is logged. */
export class StandbyCopies {
  readonly #link: CopyLink;
  readonly #groupBytes: number;
  readonly #joining = new Set<string>();
  #hasStandbys = false;

  constructor(
    private readonly log: PushLog,
    { copies = NO_COPIES, limits }: Pick<PushEngineOptions, 'copies' | 'limits'>,
    private readonly inTurn: InTurn,
  ) {
    this.#link = copies;
    this.#groupBytes = limits.copyBytes ?? GROUP_BYTES;
  }

  /**
   * Resolves when the node is a standby. Rejects when it could not become one: nothing waits for it then. Throws ConflictError while it
   * is joining already: who begins a copy takes away the one that another call is about to say is whole.
   */
  async add(node: string): Promise<void> {
    if (this.#joining.has(node)) {
      throw new ConflictError(`the log is being copied to ${node} already`);
    }
    this.#joining.add(node);
    try {
      await this.#copyTo(node);
    } finally {
      this.#joining.delete(node);
    }
  }

  /** Resolves when all standbys have it. */
  async append(group: LogGroup): Promise<void> {
    if (!this.#hasStandbys) return;
    this.#hasStandbys = (await this.#link.append(group)) > 0;
  }

  trim(before: number): void {
    if (this.#hasStandbys) this.#link.trim(before);
  }

  async #copyTo(node: string): Promise<void> {
    const link = this.#link;
    const { log } = this;
    const { start } = log;
    const { checkpoint } = log.read(start);
    if (checkpoint === null) throw new UnavailableError('the log was trimmed while it was copied');
    await link.begin(node, { logId: log.id, position: start, checkpoint });
    let position = start;
    const sendFile = async () => {
      position = await this.#sendFile(node, position, position > start);
    };
    for (let i = 0; i < PASSES && log.end - position > this.#groupBytes * LAST_PART; i++) {
      await sendFile();
    }
    await this.inTurn(async () => {
      while (position < log.end) await sendFile();
      // Whose join fails may be a standby all the same: the link knows, and tells with the next group.
      this.#hasStandbys = true;
      await link.join(node);
    });
  }

  /** Sends what the file that has the position holds from there on; gives where that ends. */
  async #sendFile(node: string, from: number, withCheckpoint: boolean): Promise<number> {
    const { checkpoint, records } = this.log.read(from);
    let group = { position: from, checkpoint: withCheckpoint ? checkpoint : null };
    let payloads: Uint8Array[] = [];
    let sizeBytes = 0;
    let end = from;
    const send = async () => {
      await this.#link.send(node, { ...group, payloads });
      group = { position: end, checkpoint: null };
      payloads = [];
      sizeBytes = 0;
    };
    for (const record of records) {
      payloads.push(record.payload);
      sizeBytes += record.payload.length;
      end = record.end;
      if (sizeBytes >= this.#groupBytes) await send();
    }
    if (payloads.length > 0) await send();
    return end;
  }
}
