/** How far a migration is, and what there is to tell of it. */
export class MigrationProgress {
  #segments = 0;
  #bytes = 0;
  /** Of this run: what an earlier one has copied took no time. */
  #newBytes = 0;
  #toldMs: number;

  constructor(
    private readonly total: { readonly segments: number; readonly bytes: number },
    private readonly startedMs: number,
    private readonly everyMs = 5000,
  ) {
    this.#toldMs = startedMs;
  }

  /** Counts a segment; gives a line when it is time for one, null when not. */
  copied(sizeBytes: number, isNew: boolean, nowMs: number): string | null {
    this.#segments += 1;
    this.#bytes += sizeBytes;
    if (isNew) this.#newBytes += sizeBytes;
    if (nowMs - this.#toldMs < this.everyMs) return null;
    this.#toldMs = nowMs;
    return this.line(nowMs);
  }

  line(nowMs: number): string {
    const { segments, bytes } = this.total;
    const elapsedMs = Math.max(1, nowMs - this.startedMs);
    const perMs = this.#newBytes / elapsedMs;
    const left = perMs === 0 ? '' : `, ${durationText((bytes - this.#bytes) / perMs)} left`;
    return `${count(this.#segments)} of ${count(segments)} segments, ${bytesText(this.#bytes)} of ${bytesText(bytes)}, ${bytesText(1000 * perMs)}/s${left}`;
  }
}

const count = (number: number): string => number.toLocaleString('en-US');

const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** Such as `1.2 GB`. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 'B'];
  for (const larger of UNITS) {
    if (value < 999.95) break;
    [value, unit] = [value / 1000, larger];
  }
  return unit === 'B' ? `${Math.round(value)} B` : `${value.toFixed(1)} ${unit}`;
}

/** Such as `3 min 20 s`. */
export function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
