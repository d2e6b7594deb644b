import type { TimeSettings } from '../spec/settings.js';

/** Sources of which more is known than this: those that were silent for the longest leave. */
const MAX_SOURCES = 1_000;

interface Source {
  /** The latest event time it has shown. */
  readonly maxTimeMs: number;
  /** When it last sent something. */
  readonly arrivalMs: number;
}

type Settings = Pick<TimeSettings, 'outOfOrdernessMs' | 'idleTimeoutMs'>;

/** As it is kept in a checkpoint. */
export type PackedWatermark = readonly [
  number | null,
  readonly (readonly [string, number, number])[],
];

/**
 * The time before which nothing is expected any more. Each source promises that nothing older than its
 * latest event time less `outOfOrderness` will come; the table's watermark is the least of the promises of the
 * sources that are active, and never goes back. A source is active when its last arrival lies within
 * `idleTimeout` of the moment asked about, on either side: arrivals are of a clock that may be set back.
 */
export class Watermark {
  /** The one that was silent for the longest first. */
  readonly #sources = new Map<string, Source>();
  #valueMs = Number.NEGATIVE_INFINITY;

  /** As of the last `advance`; minus infinity before anything came. */
  get valueMs(): number {
    return this.#valueMs;
  }

  /** The watermark at the moment of an arrival. */
  advance(arrivalMs: number, { outOfOrdernessMs, idleTimeoutMs }: Settings): number {
    let leastMs = Number.POSITIVE_INFINITY;
    for (const source of this.#sources.values()) {
      const isActive = Math.abs(arrivalMs - source.arrivalMs) <= idleTimeoutMs;
      if (isActive && source.maxTimeMs < leastMs) leastMs = source.maxTimeMs;
    }
    const promisedMs = leastMs - outOfOrdernessMs;
    if (Number.isFinite(promisedMs) && promisedMs > this.#valueMs) this.#valueMs = promisedMs;
    return this.#valueMs;
  }

  /** A batch came; `maxTimeMs` is the latest time of its rows that count, minus infinity when none does. */
  observe(name: string, maxTimeMs: number, arrivalMs: number): void {
    const before = this.#sources.get(name)?.maxTimeMs ?? Number.NEGATIVE_INFINITY;
    const latestMs = Math.max(before, maxTimeMs);
    if (!Number.isFinite(latestMs)) return;
    this.#sources.delete(name);
    this.#sources.set(name, { maxTimeMs: latestMs, arrivalMs });
    if (this.#sources.size <= MAX_SOURCES) return;
    for (const silent of this.#sources.keys()) {
      this.#sources.delete(silent);
      break;
    }
  }

  pack(): PackedWatermark {
    const sources = [...this.#sources].map(
      ([name, { maxTimeMs, arrivalMs }]) => [name, maxTimeMs, arrivalMs] as const,
    );
    return [Number.isFinite(this.#valueMs) ? this.#valueMs : null, sources];
  }

  static unpack([valueMs, sources]: PackedWatermark): Watermark {
    const watermark = new Watermark();
    watermark.#valueMs = valueMs ?? Number.NEGATIVE_INFINITY;
    for (const [name, maxTimeMs, arrivalMs] of sources) {
      watermark.#sources.set(name, { maxTimeMs, arrivalMs });
    }
    return watermark;
  }
}
