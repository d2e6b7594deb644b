import type { DeclaredColumn } from '../../ingest/index.js';
import { ETERNITY, type Interval, overlaps } from '../../model/index.js';
import {
  mergedColumns,
  type PartHolder,
  type TablePart,
  type TableSchema,
} from '../../query/index.js';
import { LIVE_VERSION } from '../inventory/live-part.js';
import type { ServedTable } from '../inventory/served-table.js';
import type { ToldPart } from '../serving/live-table.js';
import { RemotePart } from './remote-part.js';
import { placeOf, type RemoteSegment, remoteLivePart } from './remote-segment.js';

/** Rows of a data source that a node has and has not published. */
export interface NodeParts {
  readonly node: string;
  /** From old to new; null: nobody knows, for the node has not told since it was started, or is lost. */
  readonly parts: readonly ToldPart[] | null;
}

/** One data source at one moment as a broker sees it. Immutable. */
export class BrokerView {
  readonly #live: readonly TablePart[];
  #schema: TableSchema | null = null;
  #declared: readonly DeclaredColumn[] = [];

  constructor(
    readonly dataSource: string,
    readonly served: ServedTable<RemoteSegment> | null,
    readonly nodes: readonly NodeParts[],
    holder: PartHolder,
  ) {
    this.#live = nodes.flatMap(({ node, parts }) =>
      parts === null
        ? unknownRows(dataSource, node, holder)
        : parts.map((part) => remoteLivePart(part, node, holder)),
    );
  }

  get hasRows(): boolean {
    return this.#live.length > 0 || (this.served?.segments.length ?? 0) > 0;
  }

  /** See `TableSnapshot`. */
  parts(intervals: readonly Interval[]): TablePart[] {
    const { served } = this;
    const live = this.#live.filter((part) =>
      intervals.some((interval) => overlaps(interval, part.interval)),
    );
    return [...(served?.parts(intervals) ?? []), ...live];
  }

  /** As `TableView.schema`. */
  schema(declared: readonly DeclaredColumn[]): TableSchema {
    if (this.#schema === null || this.#declared !== declared) {
      const live = this.nodes.flatMap(({ parts }) => parts?.map(({ columns }) => columns) ?? []);
      const columns = [declared, ...live.reverse(), this.served?.columns ?? []];
      this.#schema = { columns: mergedColumns(columns) };
      this.#declared = declared;
    }
    return this.#schema;
  }
}

/** Stands for rows that may be there: a query that could see them fails, for nobody serves it. */
function unknownRows(dataSource: string, node: string, holder: PartHolder): TablePart {
  const { startMs: minTimeMs, endMs: maxTimeMs } = ETERNITY;
  const id = {
    dataSource,
    interval: ETERNITY,
    version: `${LIVE_VERSION} ${node}`,
    partitionNum: UNKNOWN,
  };
  const told = { id, interval: ETERNITY, minTimeMs, maxTimeMs, rowCount: 1, isUnknown: true };
  const ref = {
    kind: 'live',
    dataSource,
    part: UNKNOWN,
    rowCount: 1,
    minTimeMs,
    maxTimeMs,
  } as const;
  return new RemotePart(
    told,
    ref,
    placeOf(`${dataSource} ${LIVE_VERSION} ${node}`, null, node),
    holder,
  );
}

/** The number of no part. */
export const UNKNOWN = -1;
