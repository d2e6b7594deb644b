/**
 * model: what a table means. Value types and nulls, time and granularities, the expression
 * language, row predicates, aggregators and post-aggregators, all over `RowSource`.
 */

export * from './aggregators/aggregator.js';
export type { PlainInput } from './aggregators/distinct-entries.js';
export { type GroupingAggregator, groupingId, isGrouping } from './aggregators/grouping.js';
export { parseAggregator, parseAggregators } from './aggregators/registry.js';
export type { TimedValue } from './aggregators/timed-value.js';
export {
  type AutoType,
  autoColumnType,
  autoTypeOfColumn,
  isAutoType,
  joinAutoTypes,
} from './auto-type.js';
export { type ComplexTypeSerde, complexType, complexTypeNames } from './complex-types.js';
export type { Dimension } from './dimensions/dimension.js';
export { parseDimension } from './dimensions/registry.js';
export { freeNames, type Node } from './expressions/ast.js';
export { castValue, valueCaster } from './expressions/cast.js';
export { compileNode } from './expressions/compile.js';
export { type Expression, parseExpression } from './expressions/expression.js';
export {
  type JoinCondition,
  type JoinKey,
  parseJoinCondition,
} from './expressions/join-condition.js';
export { castReader } from './expressions/output-type.js';
export { printNode } from './expressions/print.js';
export { compileUntyped, type TypedValue } from './expressions/untyped.js';
export {
  parseVirtualColumn,
  type VirtualColumn,
  withVirtualColumns,
} from './expressions/virtual-column.js';
export { checkVirtualReads } from './expressions/virtual-reads.js';
export * from './filters/filter.js';
export { filterIntervals, parseFilter } from './filters/registry.js';
export type { TextPattern, TextRange, TextTest } from './filters/text-test.js';
export type { Having } from './having/having.js';
export { parseHaving } from './having/registry.js';
export { Json, type JsonValue, toJsonValue } from './json/json.js';
export { holdsAll, type JsonCondition, parseJsonMatch } from './json/json-match.js';
export { type JsonPath, jsonPathText } from './json/json-path.js';
export { isJsonScalar, isScalarList, type JsonScalar, jsonAt } from './json/json-walk.js';
export {
  isColumnName,
  pathColumn,
  pathReader,
  rowColumn,
  splitPathColumn,
} from './json/path-column.js';
export { mergedType, type TypedColumn } from './least-restrictive.js';
export { LookupBuilder, LookupTable, lookupTable } from './lookups/lookup-table.js';
export { pinLookups } from './lookups/pin-query.js';
export * from './lookups/pins.js';
export {
  type Comparator,
  compareBy,
  compareNumbers,
  compareValues,
  ORDERINGS,
  type Ordering,
} from './ordering.js';
export * from './post-aggregators/post-aggregator.js';
export { parsePostAggregators } from './post-aggregators/registry.js';
export { type JavaRegex, javaRegex, wholeJavaRegex } from './regex/java-regex.js';
export * from './rows.js';
export { parseSearchQuery, type TextSearch } from './search-query.js';
export { shownMembers } from './shown-records.js';
export { parseEach, parseOneOf, type SpecFamily, type SpecReader } from './spec.js';
export { scalarText } from './text.js';
export { wordsOf } from './text-search/words.js';
export {
  ALL_GRANULARITY,
  type Granularity,
  NONE_GRANULARITY,
  parseGranularity,
} from './time/granularity.js';
export { formatInstant, parseInstant } from './time/instant.js';
export {
  condenseIntervals,
  contains,
  ETERNITY,
  formatInterval,
  type Interval,
  intersect,
  overlaps,
  parseInterval,
  parseIntervals,
} from './time/interval.js';
export { parsePeriod, shiftByPeriod } from './time/period.js';
export { periodGranularity } from './time/period-granularity.js';
export { isTimeUnit } from './time/time-unit.js';
export { checkTimeZone, isTimeZone, timeZoneOf } from './time/time-zone.js';
export { type TimestampParser, timestampParser } from './time/timestamp-parser.js';
export * from './types.js';
export type { ColumnVector, TextRun, VectorDictionary } from './vectors.js';
