/** A half-open span of time, [startMs, endMs), milliseconds since the epoch, UTC. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}
