import { CapacityError, ConflictError, type Random, UnavailableError } from '../../core/index.js';
import type { PushAnswer, PushRequest } from '../../ingest/index.js';
import type { ProducerWorld, Transport } from './transport.js';

/** A clock that moves when everybody sleeps: then the sleeper whose time is next wakes. */
export class SleepingWorld implements ProducerWorld {
  #nowMs = 0;
  readonly #sleepers: { readonly untilMs: number; wake(): void }[] = [];
  readonly clock = { nowMs: () => this.#nowMs };

  constructor(readonly random: Random) {}

  sleep(ms: number): Promise<void> {
    setImmediate(() => {
      const { untilMs, wake } = this.#sleepers.shift()!;
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      wake();
    });
    return new Promise((wake) => {
      this.#sleepers.push({ untilMs: this.#nowMs + ms, wake });
      this.#sleepers.sort((a, b) => a.untilMs - b.untilMs);
    });
  }
}

/** A store that fails by chance, before or after it has taken a batch, and knows repeats. */
export class FlakyStore {
  /** Lines in the order in which they were stored. */
  readonly lines: string[] = [];
  readonly #answers = new Map<number, PushAnswer>();
  maxUnderWay = 0;
  #underWay = 0;

  constructor(
    private readonly random: Random,
    /** Of 100 requests, how many fail. */
    private readonly failures: number,
  ) {}

  readonly transport: Transport = async (request) => {
    this.#underWay++;
    this.maxUnderWay = Math.max(this.maxUnderWay, this.#underWay);
    try {
      for (let turns = this.random.nextUint32() % 4; turns > 0; turns--) await Promise.resolve();
      this.#failMaybe();
      const answer = this.#take(request);
      this.#failMaybe();
      return answer;
    } finally {
      this.#underWay--;
    }
  };

  #failMaybe(): void {
    if (this.random.nextUint32() % 100 >= this.failures) return;
    throw this.random.nextUint32() % 2 === 0
      ? new CapacityError('busy', 10)
      : new UnavailableError('the reply was lost');
  }

  #take({ table, body, sequence }: PushRequest): PushAnswer {
    const known = this.#answers.get(sequence!);
    if (known !== undefined) return { ...known, duplicate: true };
    const top = Math.max(-1, ...this.#answers.keys());
    if (sequence! < top - 1000) throw new ConflictError('too old');
    const lines = new TextDecoder().decode(body).split('\n').slice(0, -1);
    this.lines.push(...lines);
    const counts = { received: lines.length, stored: lines.length, late: 0, rejected: 0 };
    const answer: PushAnswer = {
      ...{ table, ...counts, deduplicated: 0, duplicate: false, durable: true },
      ...{ token: `log:${this.lines.length}`, errors: [] },
    };
    this.#answers.set(sequence!, answer);
    return answer;
  }
}
