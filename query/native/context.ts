import { isJsonObject, type JsonObject, parseByteSize, UserError } from '../../core/index.js';
import { shown } from './fields.js';
import { SkippedIndexes } from './skip-indexes.js';

/** The context keys that change an answer or how it is made. Others are kept in `all` and passed along. */
export interface QueryContext {
  readonly all: JsonObject;
  readonly queryId: string | null;
  /** Null: the server's default. 0: as long as the server allows. */
  readonly timeoutMs: number | null;
  readonly priority: number;
  /** Among which queries it counts where those of a kind are bounded; null: the server decides. */
  readonly lane: string | null;
  readonly bySegment: boolean;
  /** Null: true for the outermost query, false for one inside another. */
  readonly finalize: boolean | null;
  readonly maxSubqueryRows: number | null;
  /** Null: as much as the server allows. */
  readonly maxQueryBytes: number | null;
  readonly maxOnDiskStorage: number | null;
  /** Of a push: the query waits until it can see those rows. */
  readonly ingestToken: string | null;
  readonly serializeDateTimeAsLong: boolean;
  readonly skipEmptyBuckets: boolean;
  readonly grandTotal: boolean;
  readonly timestampResultField: string | null;
  readonly sortByDimsFirst: boolean;
  readonly resultAsArray: boolean;
  readonly fudgeTimestampMs: number | null;
  readonly multiValueUnnesting: boolean;
  /** Whether segments are left out whose shard spec or statistics rule out every row. */
  readonly secondaryPartitionPruning: boolean;
  readonly skipIndexes: SkippedIndexes;
  /** Whatever indexes tell is used, also where a scan would take less time. */
  readonly forceIndexes: boolean;
  /** Kernels are written for segments of few rows, too. */
  readonly forceKernels: boolean;
  /** Whether partials of segments are looked up, and kept; and likewise whole answers (`cache/`). */
  readonly useCache: boolean;
  readonly populateCache: boolean;
  readonly useResultLevelCache: boolean;
  readonly populateResultLevelCache: boolean;
  /** Whether star-trees answer what they can. */
  readonly useStarTree: boolean;
  /** The response tells how the rows of the filter were found. */
  readonly explainFilter: boolean;
  /** The response tells which star-trees were read, or why none was. */
  readonly explainStarTree: boolean;
  /** The response tells what answering took. */
  readonly explainMetrics: boolean;
  /** Segments that nobody has just now are left out, and named, instead of no answer. */
  readonly returnPartialResults: boolean;
  /** As many intervals without segments are told. */
  readonly uncoveredIntervalsLimit: number;
}

/** Reads `context`; a value of the wrong type is a UserError of kind `context` that names the key. */
export function parseContext(json: unknown, field = 'context'): QueryContext {
  if (json !== undefined && json !== null && !isJsonObject(json)) {
    throw new UserError(`${field}: want an object; got ${shown(json)}`, 'context', field);
  }
  const all: JsonObject = json ?? {};
  const of = new ContextReader(all, field);
  checkOthers(of);
  return {
    all,
    queryId: of.text('queryId'),
    timeoutMs: of.natural('timeout'),
    priority: of.integer('priority') ?? 0,
    lane: of.text('lane'),
    bySegment: of.flag('bySegment', false),
    finalize: of.optionalFlag('finalize'),
    maxSubqueryRows: of.natural('maxSubqueryRows'),
    maxQueryBytes: of.bytes('maxQueryBytes'),
    maxOnDiskStorage: of.bytes('maxOnDiskStorage'),
    ingestToken: of.text('ingestToken'),
    serializeDateTimeAsLong: of.flag('serializeDateTimeAsLong', false),
    skipEmptyBuckets: of.flag('skipEmptyBuckets', false),
    grandTotal: of.flag('grandTotal', false),
    timestampResultField: of.text('timestampResultField'),
    sortByDimsFirst: of.flag('sortByDimsFirst', false),
    resultAsArray: of.flag('resultAsArray', false),
    fudgeTimestampMs: of.integer('fudgeTimestamp'),
    multiValueUnnesting: of.flag('groupByEnableMultiValueUnnesting', true),
    skipIndexes: of.skippedIndexes('skipIndexes'),
    forceIndexes: of.flag('forceIndexes', false),
    forceKernels: of.flag('forceKernels', false),
    useCache: of.flag('useCache', true),
    populateCache: of.flag('populateCache', true),
    useResultLevelCache: of.flag('useResultLevelCache', true),
    populateResultLevelCache: of.flag('populateResultLevelCache', true),
    useStarTree: of.flag('useStarTree', true),
    explainFilter: of.flag('explainFilter', false),
    explainStarTree: of.flag('explainStarTree', false),
    explainMetrics: of.flag('explainMetrics', false),
    returnPartialResults: of.flag('returnPartialResults', false),
    uncoveredIntervalsLimit: Math.max(0, of.integer('uncoveredIntervalsLimit') ?? 0),
    secondaryPartitionPruning: of.flag('secondaryPartitionPruning', true),
  };
}

/** Reads of a context how urgent its query is, and among which it counts. Throws as `parseContext` does. */
export function parseUrgency(context: JsonObject): Pick<QueryContext, 'priority' | 'lane'> {
  const of = new ContextReader(context, 'context');
  return { priority: of.integer('priority') ?? 0, lane: of.text('lane') };
}

/** Keys that change nothing here, but whose wrong type Druid refuses. */
function checkOthers(of: ContextReader): void {
  for (const key of CHECKED_FLAGS) of.flag(key, false);
  for (const key of CHECKED_INTEGERS) of.integer(key);
  for (const key of CHECKED_TEXTS) of.text(key);
  for (const key of CHECKED_SIZES) of.bytes(key);
  for (const key of ['vectorize', 'vectorizeVirtualColumns']) of.vectorize(key);
  of.byteSize('maxSubqueryBytes');
}

const CHECKED_FLAGS = [
  'debug',
  'enableJoinFilterPushDown',
  'enableJoinFilterRewrite',
  'enableJoinFilterRewriteValueColumnFilters',
  'enableParallelMerge',
  'enableRewriteJoinToFilter',
  'forceProjections',
  'noProjections',
  'realtimeSegmentsOnly',
  'serializeDateTimeAsLongInner',
  'setProcessingThreadNames',
  'useFilterCNF',
];
const CHECKED_INTEGERS = [
  'inSubQueryThreshold',
  'joinFilterRewriteMaxSize',
  'maxRowsQueuedForOrdering',
  'maxSegmentPartitionsOrderedInMemory',
  'minTopNThreshold',
  'numRetriesOnMissingSegments',
  'parallelMergeInitialYieldRows',
  'parallelMergeParallelism',
  'parallelMergeSmallBatchRows',
  'vectorSize',
];
const CHECKED_TEXTS = ['brokerService', 'cloneQueryMode', 'useProjection'];
const CHECKED_SIZES = [
  'maxMergingDictionarySize',
  'maxQueuedBytes',
  'maxScatterGatherBytes',
  'maxSelectorDictionarySize',
];

class ContextReader {
  constructor(
    private readonly context: JsonObject,
    private readonly field: string,
  ) {}

  flag(key: string, whenAbsent: boolean): boolean {
    return this.optionalFlag(key) ?? whenAbsent;
  }

  optionalFlag(key: string): boolean | null {
    const value = this.value(key);
    if (value === null || typeof value === 'boolean') return value;
    const text = typeof value === 'string' ? value.toLowerCase() : '';
    if (text === 'true' || text === 'false') return text === 'true';
    throw this.wrong(key, 'true or false', value);
  }

  /** A flag, or `force`. */
  vectorize(key: string): void {
    const value = this.value(key);
    if (typeof value !== 'string' || value.toLowerCase() !== 'force') this.optionalFlag(key);
  }

  text(key: string): string | null {
    const value = this.value(key);
    if (value === null || typeof value === 'string') return value;
    throw this.wrong(key, 'a text', value);
  }

  natural(key: string): number | null {
    const value = this.integer(key);
    if (value === null || value >= 0) return value;
    throw this.wrong(key, 'an integer of 0 or more', value);
  }

  /** Also as text, also with a fraction of zeros (`"12.00"`), as Druid's parser takes it. */
  integer(key: string): number | null {
    const value = this.value(key);
    if (value === null) return null;
    const isText = typeof value === 'string' && /^\s*[+-]?\d+(\.0*)?\s*$/.test(value);
    const number = isText || typeof value === 'bigint' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number)) {
      return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
    }
    throw this.wrong(key, 'an integer', value);
  }

  /** `auto`, `disabled`, a number, or a text such as `10MiB`. */
  byteSize(key: string): void {
    const value = this.value(key);
    if (value !== 'auto' && value !== 'disabled') this.bytes(key);
  }

  /** A number, or a text such as `10MiB`. */
  bytes(key: string): number | null {
    const value = this.value(key);
    if (value === null) return null;
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw this.wrong(key, 'a number of bytes such as 1000000 or "10MiB"', value);
    }
    try {
      return parseByteSize(value, `${this.field}.${key}`);
    } catch {
      throw this.wrong(key, 'a number of bytes such as 1000000 or "10MiB"', value);
    }
  }

  skippedIndexes(key: string): SkippedIndexes {
    const value = this.value(key);
    const skipped = SkippedIndexes.parse(value);
    if (skipped !== null) return skipped;
    throw this.wrong(key, 'true, or an object such as {"page": true, "user": ["inverted"]}', value);
  }

  private value(key: string): unknown {
    return Object.hasOwn(this.context, key) ? (this.context[key] ?? null) : null;
  }

  private wrong(key: string, want: string, got: unknown): UserError {
    const field = `${this.field}.${key}`;
    return new UserError(`${field}: want ${want}; got ${shown(got)}`, 'context', field);
  }
}
