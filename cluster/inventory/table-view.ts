import type { DeclaredColumn, LivePart } from '../../ingest/index.js';
import { type Interval, overlaps } from '../../model/index.js';
import { mergedColumns, type TablePart, type TableSchema } from '../../query/index.js';
import type { SegmentCache } from '../../segments/index.js';
import { liveColumns, livePart } from './live-part.js';
import type { ServedSegment } from './served-segment.js';
import type { ServedTable } from './served-table.js';

/** One data source at one moment as queries see it: what is published, and what is not yet. Immutable. */
export class TableView {
  #schema: TableSchema | null = null;
  #declared: readonly DeclaredColumn[] = [];

  constructor(
    readonly served: ServedTable<ServedSegment> | null,
    /** From old to new. */
    readonly live: readonly LivePart[],
    private readonly cache: SegmentCache,
  ) {}

  /** False when all that is left of it are tombstones. */
  get hasRows(): boolean {
    return this.live.length > 0 || (this.served?.segments.length ?? 0) > 0;
  }

  /** The columns that its rows have, and those that it is declared with: of the type that the values of all fit. */
  schema(declared: readonly DeclaredColumn[]): TableSchema {
    if (this.#schema === null || this.#declared !== declared) {
      const live = this.live.map(liveColumns).reverse();
      this.#schema = { columns: mergedColumns([declared, ...live, this.served?.columns ?? []]) };
      this.#declared = declared;
    }
    return this.#schema;
  }

  /** See `TableSnapshot`. */
  parts(intervals: readonly Interval[]): TablePart[] {
    const live = this.live.map((part) => livePart(part, this.cache));
    return [
      ...(this.served?.parts(intervals) ?? []),
      ...live.filter((part) => intervals.some((interval) => overlaps(interval, part.interval))),
    ];
  }
}
