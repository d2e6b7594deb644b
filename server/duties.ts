import { type Clock, every, type Logger } from '../core/index.js';

/** Something that is looked after again and again. */
export interface Duty {
  readonly name: string;
  /** What it rejects with is logged; the next round tries again. */
  run(nowMs: number): Promise<void>;
}

/** Runs duties one after the other, in rounds; a round never begins before the one before it has ended. */
export class Duties {
  #round: Promise<void> | null = null;
  #stop: () => void = () => undefined;
  #closed = false;

  constructor(
    private readonly duties: readonly Duty[],
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Begins a round every so often. */
  start(periodMs: number): void {
    this.#stop = every(periodMs, () => void this.run());
  }

  /** Runs a round, or joins the one that runs. */
  run(): Promise<void> {
    this.#round ??= this.#runAll().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  /** Begins no more rounds, and waits until the duty that runs has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    await this.#round;
  }

  async #runAll(): Promise<void> {
    for (const duty of this.duties) {
      if (this.#closed) return;
      try {
        await duty.run(this.clock.nowMs());
      } catch (error) {
        this.logger.error({ duty: duty.name, err: error }, 'a duty failed; it is tried again');
      }
    }
  }
}
