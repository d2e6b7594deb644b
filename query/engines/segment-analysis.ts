import { compareText, type JsonObject, stringifyJson } from '../../core/index.js';
import {
  compareValues,
  complexName,
  condenseIntervals,
  formatInterval,
  type Interval,
  isComplexType,
  parseAggregator,
  type Scalar,
} from '../../model/index.js';
import {
  type ColumnDescription,
  type Segment,
  type SegmentId,
  segmentIdText,
  type TreeDescription,
} from '../../segments/index.js';
import { type ColumnSource, mergedColumns } from '../merged-columns.js';
import type { SegmentMetadataQuery } from '../native/query.js';
import { type EncodingAnalysis, encodingOf, mergeEncodings } from './encoding-analysis.js';
import { mergeSketches, type SketchAnalysis, sketchesJson, sketchesOf } from './sketch-analysis.js';
import { mergeTrees, type TreeAnalysis, treeJson, treesOf } from './tree-analysis.js';

/** One column in the answer of segmentMetadata, field by field as Druid names them. */
export interface ColumnAnalysis {
  readonly typeSignature: string;
  readonly type: string;
  readonly hasMultipleValues: boolean;
  readonly hasNulls: boolean;
  /** -1 where segments disagree about the type. */
  readonly size: number;
  readonly cardinality: number | null;
  readonly minValue: Scalar;
  readonly maxValue: Scalar;
  readonly errorMessage: string | null;
  /** Varve's own, where it was asked for. */
  readonly encoding?: EncodingAnalysis;
  readonly sketches?: SketchAnalysis;
}

/** One segment, or several merged. */
export interface SegmentAnalysis {
  readonly id: string;
  readonly intervals: readonly Interval[] | null;
  readonly columns: ReadonlyMap<string, ColumnAnalysis>;
  /** What these columns are in the segments. */
  readonly types: readonly ColumnSource[];
  readonly size: number;
  readonly numRows: number;
  readonly aggregators: ReadonlyMap<string, unknown> | null;
  readonly queryGranularity: unknown;
  readonly rollup: boolean | null;
  /** Varve's own, where it was asked for. */
  readonly starTrees?: readonly TreeAnalysis[];
}

/** Describes a segment from its directory with its star-trees, and from its sketches if they are asked for. */
export function analyseSegment(
  query: SegmentMetadataQuery,
  id: SegmentId,
  segment: Segment,
  trees: readonly TreeDescription[],
): SegmentAnalysis {
  const wants = query.analysisTypes;
  const included = includedColumns(query, segment);
  return {
    id: segmentIdText(id),
    intervals: wants.has('interval') ? [id.interval] : null,
    columns: new Map(
      included.map((column) => [column.name, analyseColumn(query, segment, column)]),
    ),
    types: included,
    size: wants.has('size')
      ? segment.columns.reduce((sum, column) => sum + column.stats.sizeBytes, 0) +
        trees.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      : 0,
    numRows: segment.rowCount,
    aggregators: wants.has('aggregators') ? combiningAggregators(segment) : null,
    queryGranularity: wants.has('querygranularity') ? segment.queryGranularity : null,
    rollup: wants.has('rollup') ? segment.rollup : null,
    ...(wants.has('startrees') && { starTrees: treesOf(trees, segment.rowCount) }),
  };
}

export const includedColumns = (
  { toInclude }: SegmentMetadataQuery,
  { columns }: Segment,
): ColumnDescription[] => columns.filter(({ name }) => toInclude?.includes(name) ?? true);

/** Cardinality, minimum and maximum are told of texts only, as in Druid; with its encoding, of any column. */
function analyseColumn(
  query: SegmentMetadataQuery,
  segment: Segment,
  column: ColumnDescription,
): ColumnAnalysis {
  const { type, stats } = column;
  const wants = query.analysisTypes;
  const isText = type === 'STRING';
  const hasRange = isText && wants.has('minmax');
  return {
    typeSignature: type,
    type: isComplexType(type) ? complexName(type) : type,
    hasMultipleValues: column.multiValue,
    hasNulls: stats.hasNulls,
    size: wants.has('size') ? stats.sizeBytes : 0,
    cardinality: isText && wants.has('cardinality') ? stats.cardinality : null,
    minValue: hasRange ? stats.min : null,
    maxValue: hasRange ? stats.max : null,
    errorMessage: null,
    ...(wants.has('encoding') && { encoding: encodingOf(column) }),
    ...(wants.has('sketches') && { sketches: sketchesOf(segment, column.name) }),
  };
}

/** What the stored metrics are to be queried by: a stored count by a sum. */
const combiningAggregators = ({ aggregators }: Segment): Map<string, unknown> =>
  new Map(
    Object.entries(aggregators).map(([name, spec]) => [
      name,
      parseAggregator(spec, name).combining().spec,
    ]),
  );

/** Merges analyses in time order; `query.merge` asks for it. Null when there are none. */
export function mergeAnalyses(
  query: SegmentMetadataQuery,
  analyses: readonly SegmentAnalysis[],
): SegmentAnalysis | null {
  const [first] = analyses;
  if (first === undefined) return null;
  const types = mergedColumns(analyses.map((analysis) => analysis.types).reverse());
  const same = <T>(pick: (analysis: SegmentAnalysis) => T): T | null =>
    analyses.every((analysis) => stringifyJson(pick(analysis)) === stringifyJson(pick(first)))
      ? pick(first)
      : null;
  return {
    id: analyses.every(({ id }) => id === first.id) ? first.id : 'merged',
    intervals:
      first.intervals === null
        ? null
        : condenseIntervals(analyses.flatMap(({ intervals }) => intervals ?? [])),
    columns: mergeColumns(analyses, types),
    types,
    size: analyses.reduce((sum, { size }) => sum + size, 0),
    numRows: analyses.reduce((sum, { numRows }) => sum + numRows, 0),
    aggregators: first.aggregators === null ? null : mergeAggregators(query, analyses),
    queryGranularity: same((analysis) => analysis.queryGranularity),
    rollup: same((analysis) => analysis.rollup),
    ...(first.starTrees && {
      starTrees: mergeTrees(analyses.map(({ starTrees = [] }) => starTrees)),
    }),
  };
}

/** By name, sorted. Segments that disagree about a type are told of as in Druid, but for the signature: it is what queries see. */
function mergeColumns(
  analyses: readonly SegmentAnalysis[],
  types: readonly ColumnSource[],
): Map<string, ColumnAnalysis> {
  const merged = new Map<string, ColumnAnalysis>();
  for (const { columns } of analyses) {
    for (const [name, column] of columns) {
      const known = merged.get(name);
      merged.set(name, known === undefined ? column : mergeColumn(known, column));
    }
  }
  for (const { name, type } of types) {
    const column = merged.get(name);
    if (column?.errorMessage) merged.set(name, { ...column, typeSignature: type });
  }
  return new Map([...merged].sort(([a], [b]) => compareText(a, b)));
}

const textOrder = compareValues('STRING');

function mergeColumn(a: ColumnAnalysis, b: ColumnAnalysis): ColumnAnalysis {
  if (a.errorMessage !== null) return a;
  if (a.typeSignature !== b.typeSignature) return disagreement(a, b);
  const extreme = (x: Scalar, y: Scalar, sign: number): Scalar =>
    x === null || y === null ? null : textOrder(x, y) * sign > 0 ? y : x;
  return {
    ...a,
    hasMultipleValues: a.hasMultipleValues || b.hasMultipleValues,
    hasNulls: a.hasNulls || b.hasNulls,
    size: a.size + b.size,
    cardinality:
      a.cardinality === null || b.cardinality === null
        ? (a.cardinality ?? b.cardinality)
        : Math.max(a.cardinality, b.cardinality),
    minValue: extreme(a.minValue, b.minValue, 1),
    maxValue: extreme(a.maxValue, b.maxValue, -1),
    ...(a.encoding && b.encoding && { encoding: mergeEncodings(a.encoding, b.encoding) }),
    ...(a.sketches && b.sketches && { sketches: mergeSketches(a.sketches, b.sketches) }),
  };
}

const disagreement = (a: ColumnAnalysis, b: ColumnAnalysis): ColumnAnalysis => ({
  typeSignature: 'STRING',
  type: 'STRING',
  hasMultipleValues: false,
  hasNulls: false,
  size: -1,
  cardinality: null,
  minValue: null,
  maxValue: null,
  errorMessage: `error:cannot_merge_diff_types: [${a.type}] and [${b.type}]`,
});

/**
 * Where segments disagree about an aggregator, `strict` gives up on all, `lenient` on that one, `earliest` and `latest` take the
 * first or last.
 */
function mergeAggregators(
  { aggregatorMergeStrategy: strategy }: SegmentMetadataQuery,
  analyses: readonly SegmentAnalysis[],
): Map<string, unknown> | null {
  const merged = new Map<string, unknown>();
  for (const { aggregators } of analyses) {
    for (const [name, spec] of aggregators ?? []) {
      const known = merged.get(name);
      const agrees = known === undefined || stringifyJson(known) === stringifyJson(spec);
      if (agrees || strategy === 'latest') merged.set(name, spec);
      else if (strategy === 'strict') return null;
      else if (strategy === 'lenient') merged.set(name, null);
    }
  }
  return merged;
}

/** The analysis as JSON, every field present. */
export function analysisJson(analysis: SegmentAnalysis): JsonObject {
  return {
    id: analysis.id,
    intervals: analysis.intervals?.map(formatInterval) ?? null,
    columns: fromEntries(
      [...analysis.columns].map(([name, { sketches, ...column }]) => [
        name,
        sketches === undefined ? column : { ...column, sketches: sketchesJson(sketches) },
      ]),
    ),
    size: analysis.size,
    numRows: analysis.numRows,
    aggregators: analysis.aggregators === null ? null : fromEntries(analysis.aggregators),
    projections: null,
    timestampSpec: null,
    queryGranularity: analysis.queryGranularity,
    rollup: analysis.rollup,
    ...(analysis.starTrees && { starTrees: analysis.starTrees.map(treeJson) }),
  };
}

/** A null-prototype object: column names are the user's. */
function fromEntries(entries: Iterable<readonly [string, unknown]>): JsonObject {
  const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of entries) object[name] = value;
  return object;
}
