import { ConflictError, UnavailableError } from '../../core/index.js';
import type { PushAnswer, PushFormat } from '../../ingest/index.js';
import { isPassing, type ProducerWorld, type Transport, waitBeforeRetry } from './transport.js';

export interface BatchSenderOptions {
  readonly transport: Transport;
  readonly world: ProducerWorld;
  readonly table: string;
  /** Who sends, as the store remembers it. */
  readonly producer: string;
  readonly firstSequence: number;
  readonly ack: 'disk' | 'memory';
  /** How long one batch is tried. */
  readonly giveUpAfterMs: number;
  /** Whether these very batches may have been sent by an earlier sender of this name. */
  readonly mayRepeat: boolean;
}

/**
 * Sends batches, each under the next sequence of its producer, until the store has answered: while the store is full,
 * down or out of reach it tries the same sequence again, so that each row counts once.
 */
export class BatchSender {
  #sequence: number;
  #retries = 0;

  constructor(private readonly options: BatchSenderOptions) {
    this.#sequence = options.firstSequence;
  }

  /** Tries that were not the first of their batch. */
  get retries(): number {
    return this.#retries;
  }

  /** The sequence of the next batch. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /**
   * Throws what the store says of the batch; UnavailableError when it could not be asked for `giveUpAfterMs`;
   * ConflictError when another producer of this name has used the sequence.
   */
  async send(format: PushFormat, body: Uint8Array): Promise<PushAnswer> {
    const { transport, table, producer, ack, world, giveUpAfterMs } = this.options;
    const sequence = this.#sequence++;
    const request = { table, format, columns: null, body, producer, sequence, key: null, ack };
    const startedMs = world.clock.nowMs();
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await transport(request);
        if (answer.duplicate && attempt === 0) this.#checkRepeat(sequence);
        return answer;
      } catch (error) {
        if (!isPassing(error)) throw error;
        const waitMs = waitBeforeRetry(attempt, error, world.random);
        if (world.clock.nowMs() + waitMs - startedMs > giveUpAfterMs) {
          throw new UnavailableError(
            `batch ${sequence} of producer ${producer} was tried ${attempt + 1} times in ${giveUpAfterMs} ms, ` +
              `whether it is stored is not known; the last answer was: ${error.message}`,
            {},
            error,
          );
        }
        this.#retries++;
        await world.sleep(waitMs);
      }
    }
  }

  /** A batch that was not sent before cannot be known, unless somebody else has its sequence. */
  #checkRepeat(sequence: number): void {
    const { producer, mayRepeat } = this.options;
    if (mayRepeat) return;
    throw new ConflictError(
      `sequence ${sequence} of producer ${producer} was used before, so these rows were not stored; ` +
        'let no two producers have one name, and set firstSequence above all that were used',
    );
  }
}
