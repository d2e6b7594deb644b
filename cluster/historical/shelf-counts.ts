/** What a shelf has done since the process began, for metrics. By kind: what the coordinator assigned, and what was only asked for. */
export class ShelfCounts {
  readonly fetches = { assigned: 0, cold: 0 };
  readonly failures = { assigned: 0, cold: 0 };
  fetchedBytes = 0;
  evictions = 0;
  evictedBytes = 0;
  /** Files whose bytes were not what they should be, set aside. */
  damaged = 0;
}
