import type { JsonObject } from '../../core/index.js';
import type { Aggregator, Filter, Granularity, Interval } from '../../model/index.js';
import type { DimensionSchema, TreeDefinition } from '../../segments/index.js';
import type { InputFormat } from '../input/formats/format.js';
import type { ByteSource, TableSource } from '../input/sources/source.js';
import type { PartitionsSpec } from './partitions-spec.js';

/** How fields become rows. */
export interface RowSpec {
  readonly timestamp: TimestampSpec;
  readonly dimensions: DimensionsSpec;
  readonly metrics: readonly Aggregator[];
  readonly granularity: GranularitySpec;
  readonly transforms: readonly Transform[];
  readonly filter: Filter | null;
  /** Of each file that is published; undefined where nothing is said of them. */
  readonly starTrees: readonly TreeDefinition[] | undefined;
}

/** A checked `index_parallel` or `index` task: every default filled in, every name legal. */
export interface TaskSpec extends RowSpec {
  readonly type: 'index_parallel' | 'index';
  /** The id the client chose; null to make one. */
  readonly id: string | null;
  readonly dataSource: string;
  /** Read one after the other. */
  readonly inputs: readonly TaskInput[];
  readonly append: boolean;
  readonly dropExisting: boolean;
  readonly tuning: Tuning;
  /** The JSON as submitted. */
  readonly json: JsonObject;
}

/** Where rows come from; rows of a table need no format. */
export type TaskInput =
  | { readonly source: ByteSource; readonly format: InputFormat }
  | { readonly source: TableSource; readonly format: null };

export interface TimestampSpec {
  readonly column: string;
  readonly format: string;
  readonly missingValue: string | null;
}

export interface DimensionsSpec {
  /** The listed ones, in order; all of them when `discover` is 'none'. */
  readonly listed: readonly DimensionSchema[];
  /** What to do with fields that are not listed: ignore, take as strings, or take with the type they show. */
  readonly discover: 'none' | 'strings' | 'typed';
  /** Never discovered: exclusions, the timestamp column, metric names and their inputs. */
  readonly excluded: ReadonlySet<string>;
}

export interface GranularitySpec {
  readonly segmentGranularity: Granularity;
  readonly queryGranularity: Granularity;
  readonly rollup: boolean;
  /** Whole segment buckets; null: wherever rows fall. */
  readonly intervals: readonly Interval[] | null;
}

/** A computed field: sees the input fields and `__time`, never another transform. */
export interface Transform {
  readonly name: string;
  readonly expression: string;
}

export interface Tuning extends PartitionsSpec {
  readonly maxRowsInMemory: number;
  /** Rows that may fail (unparseable or stored with an error) before the task does. */
  readonly maxParseExceptions: number;
  readonly maxSavedParseExceptions: number;
}
