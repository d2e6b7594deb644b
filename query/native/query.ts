import type { JsonObject } from '../../core/index.js';
import type {
  Aggregator,
  Dimension,
  Filter,
  Granularity,
  Having,
  Interval,
  JoinCondition,
  LookupTable,
  Ordering,
  PostAggregator,
  TextSearch,
  Value,
  ValueType,
  VirtualColumn,
} from '../../model/index.js';
import type { ResultField } from '../result.js';
import type { WindowOperator } from '../window/operators/operator.js';
import type { QueryContext } from './context.js';

/** Where rows come from. */
export type DataSource =
  | { readonly type: 'table'; readonly name: string }
  | { readonly type: 'union'; readonly names: readonly string[] }
  | { readonly type: 'query'; readonly query: NativeQuery }
  | {
      readonly type: 'inline';
      readonly fields: readonly ResultField[];
      readonly rows: readonly (readonly Value[])[];
    }
  /** Pairs as rows: columns `k` and `v`. */
  | { readonly type: 'lookup'; readonly table: LookupTable }
  | Expansion;

/** Rows made of the rows of another data source, one after the other. */
export type Expansion = UnnestSource | JoinSource | FilterSource;

/** A row of the base for each element of a column; none where it has none. */
export interface UnnestSource {
  readonly type: 'unnest';
  readonly base: DataSource;
  /** Computed of the columns of the base; it has the name of the new column, which hides one of the base. */
  readonly column: VirtualColumn;
  /** What elements have to pass. */
  readonly filter: Filter | null;
}

/** A row for each pair of a row of the base, the left side, and one of the right side that belong together. */
export interface JoinSource {
  readonly type: 'join';
  /** The JSON it was parsed from. */
  readonly spec: JsonObject;
  readonly base: DataSource;
  /** Read once, before the base is scanned; inline then, with the columns alone. */
  readonly right: DataSource;
  /** Columns of the right side have it before their names, and hide those of the base that begin so. */
  readonly prefix: string;
  readonly condition: JoinCondition;
  /** Whether rows that belong to none come up, too, with nulls for the other side. */
  readonly keepsLeft: boolean;
  readonly keepsRight: boolean;
}

/** The rows of the base that pass. */
export interface FilterSource {
  readonly type: 'filter';
  readonly base: DataSource;
  readonly filter: Filter;
}

/** What every native query has. */
export interface BaseQuery {
  /** The JSON it was parsed from; `parseNativeQuery(spec)` gives an equal query. */
  readonly spec: JsonObject;
  readonly dataSource: DataSource;
  /** Sorted, disjoint and not abutting. */
  readonly intervals: readonly Interval[];
  readonly filter: Filter | null;
  readonly virtualColumns: readonly VirtualColumn[];
  readonly context: QueryContext;
}

/** Queries that fold rows into aggregates per bucket and group. */
export interface AggregationQuery extends BaseQuery {
  readonly granularity: Granularity;
  readonly aggregations: readonly Aggregator[];
  readonly postAggregations: readonly PostAggregator[];
}

export interface TimeseriesQuery extends AggregationQuery {
  readonly queryType: 'timeseries';
  readonly descending: boolean;
  /** Null: unlimited. */
  readonly limit: number | null;
}

/** How topN ranks its groups. `inverted` turns the order of the metric around, never that of ties. */
export type TopNMetric =
  | { readonly by: 'metric'; readonly name: string; readonly inverted: boolean }
  | {
      readonly by: 'dimension';
      readonly ordering: Ordering;
      readonly previousStop: string | null;
      readonly inverted: boolean;
    };

export interface TopNQuery extends AggregationQuery {
  readonly queryType: 'topN';
  readonly dimension: Dimension;
  readonly threshold: number;
  readonly metric: TopNMetric;
}

export interface OrderByColumn {
  readonly name: string;
  readonly descending: boolean;
  readonly ordering: Ordering;
}

export interface LimitSpec {
  /** Null: unlimited. */
  readonly limit: number | null;
  readonly offset: number;
  readonly columns: readonly OrderByColumn[];
}

export interface GroupByQuery extends AggregationQuery {
  readonly queryType: 'groupBy';
  readonly dimensions: readonly Dimension[];
  readonly having: Having | null;
  readonly limitSpec: LimitSpec;
  /** Each grouping as positions in `dimensions`; null when there is only the full one. */
  readonly subtotals: readonly (readonly number[])[] | null;
}

/** A column that a scan orders by. */
export interface ScanOrder {
  readonly name: string;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface ScanQuery extends BaseQuery {
  readonly queryType: 'scan';
  /** Empty: all columns. */
  readonly columns: readonly string[];
  readonly resultFormat: 'list' | 'compactedList';
  readonly batchSize: number;
  /** Null: unlimited. */
  readonly limit: number | null;
  readonly offset: number;
  /** The first decides, the next ones break ties; they need not be among `columns`. Empty: stored order. */
  readonly orderBy: readonly ScanOrder[];
}

export interface SearchQuery extends BaseQuery {
  readonly queryType: 'search';
  readonly granularity: Granularity;
  /** Null: all dimensions of the data source. */
  readonly dimensions: readonly Dimension[] | null;
  readonly search: TextSearch;
  readonly sort: Ordering;
  readonly limit: number;
}

export interface TimeBoundaryQuery extends BaseQuery {
  readonly queryType: 'timeBoundary';
  readonly bound: 'minTime' | 'maxTime' | null;
}

export const ANALYSIS_TYPES = [
  'cardinality',
  'interval',
  'minmax',
  'size',
  'timestampspec',
  'querygranularity',
  'aggregators',
  'rollup',
  'projections',
  // Varve's own: how columns are stored, what sketches tell of them, and which star-trees there are.
  'encoding',
  'sketches',
  'startrees',
] as const;
export type AnalysisType = (typeof ANALYSIS_TYPES)[number];

export interface SegmentMetadataQuery extends BaseQuery {
  readonly queryType: 'segmentMetadata';
  /** True when the query gave no intervals: the last week of data is meant. */
  readonly usingDefaultInterval: boolean;
  /** Null: all columns. */
  readonly toInclude: readonly string[] | null;
  readonly merge: boolean;
  readonly analysisTypes: ReadonlySet<AnalysisType>;
  readonly aggregatorMergeStrategy: 'strict' | 'lenient' | 'earliest' | 'latest';
}

export interface DataSourceMetadataQuery extends BaseQuery {
  readonly queryType: 'dataSourceMetadata';
}

/** A column of an answer; null: of the type that it has. */
export interface SignatureField {
  readonly name: string;
  readonly type: ValueType | null;
}

/** Computes window functions over all rows of a query, or inline ones: rows of other data sources are scanned by a query. */
export interface WindowOperatorQuery extends BaseQuery {
  readonly queryType: 'windowOperator';
  /** The columns of the data source that are needed. */
  readonly inputs: readonly string[];
  /** One after the other, those of leaves first. */
  readonly operators: readonly WindowOperator[];
  readonly outputSignature: readonly SignatureField[];
}

export type NativeQuery =
  | TimeseriesQuery
  | TopNQuery
  | GroupByQuery
  | ScanQuery
  | SearchQuery
  | TimeBoundaryQuery
  | SegmentMetadataQuery
  | DataSourceMetadataQuery
  | WindowOperatorQuery;

export type QueryType = NativeQuery['queryType'];

/** Reads a query inside another; `field` is its path. */
export type ParseQuery = (json: unknown, field: string) => NativeQuery;
