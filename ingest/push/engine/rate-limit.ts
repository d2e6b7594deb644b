/**
 * So many units a second, a second's worth at once. What is taken may go below nothing, since a batch is
 * counted after it was read: the debt is waited for.
 */
export class RateLimit {
  #available: number;
  #atMs: number;

  constructor(
    private readonly perSecond: number,
    nowMs: number,
  ) {
    this.#available = perSecond;
    this.#atMs = nowMs;
  }

  /** Milliseconds until there is something again; 0 when there is. */
  waitMs(nowMs: number): number {
    this.#refill(nowMs);
    return this.#available > 0 ? 0 : Math.ceil((1 - this.#available) * (1000 / this.perSecond));
  }

  take(units: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#available -= units;
  }

  #refill(nowMs: number): void {
    // A clock that went back gives nothing, and takes nothing away.
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#available = Math.min(
      this.perSecond,
      this.#available + (passedMs * this.perSecond) / 1000,
    );
  }
}
