/**
 * Cuts time into buckets. `bucketStart` is pure and monotone: the start of the bucket that holds
 * the instant; buckets are half-open, they abut and cover all time. Instants are milliseconds
 * since the epoch, UTC.
 */
export interface Granularity {
  /** The JSON to send or store, simple names in lower case. */
  readonly spec: unknown;
  /** `all` is one bucket for everything; `none` is a bucket per millisecond. */
  readonly kind: 'all' | 'none' | 'duration' | 'period';
  /** The zone in which results are printed: `UTC` unless a period has its own. */
  readonly timeZone: string;
  bucketStart(timeMs: number): number;
  /** The start of the next bucket, for a `start` returned by `bucketStart`. */
  nextBucket(startMs: number): number;
}
