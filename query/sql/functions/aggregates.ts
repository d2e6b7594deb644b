import type { JsonObject, Long } from '../../../core/index.js';
import type { Rex, RexLiteral } from '../algebra/rex.js';
import { isComplex, nativeType, type SqlType } from '../algebra/types.js';
import { planError } from '../position.js';
import { asReturned } from './cast.js';
import { type AggregateBuilder, type AggregateFunction, callOf, parameters } from './definition.js';
import { CAST, IS_NOT_NULL } from './operators.js';

type Plan = AggregateFunction['plan'];

export function aggregate(
  name: string,
  takes: string,
  result: SqlType | ((args: readonly Rex[]) => SqlType),
  plan: Plan,
  doc: string,
  takesDistinct = false,
): AggregateFunction {
  return {
    name,
    parameters: parameters(takes),
    result: typeof result === 'function' ? result : () => result,
    takesDistinct,
    plan,
    doc,
  };
}

/** `long`, `double`, `float` or `string`: the first half of an aggregator's name. */
function prefixOf(type: SqlType): string {
  const native = nativeType(type);
  return native === 'STRING' || native === 'DOUBLE' || native === 'FLOAT'
    ? native.toLowerCase()
    : 'long';
}

/** Text is read as a number. */
export function numeric(rex: Rex): Rex {
  if (rex.type !== 'VARCHAR' && rex.type !== 'NULL') return rex;
  const { position } = rex;
  return (
    asReturned(rex, 'DOUBLE') ?? { kind: 'call', fn: CAST, args: [rex], type: 'DOUBLE', position }
  );
}

export const sumType = (args: readonly Rex[]): SqlType =>
  prefixOf(numeric(args[0]!).type) === 'long' ? 'BIGINT' : 'DOUBLE';

const sameType = (args: readonly Rex[]): SqlType => numeric(args[0]!).type;

function sum(rex: Rex, name: string, builder: AggregateBuilder): JsonObject {
  const type = sumType([rex]) === 'BIGINT' ? 'longSum' : 'doubleSum';
  return { type, name, fieldName: builder.column(numeric(rex)) };
}

/** Counts the rows where the expression is not NULL. */
function countOf(rex: Rex | undefined, name: string, builder: AggregateBuilder): JsonObject {
  const aggregator = { type: 'count', name };
  const present = rex?.kind === 'literal' && rex.value !== null;
  if (rex === undefined || present || (rex.kind === 'field' && rex.name === '__time')) {
    return aggregator;
  }
  const filter = builder.filter(callOf(IS_NOT_NULL, [rex], rex.position));
  return { type: 'filtered', aggregator, filter, name };
}

/** What counts the distinct values of stored sketches. */
const MERGING: ReadonlyMap<SqlType, string> = new Map([
  ['COMPLEX<hyperUnique>', 'hyperUnique'],
  ['COMPLEX<HLLSketch>', 'HLLSketchMerge'],
]);

/** The approximate count of distinct values, rounded; a stored column of sketches is merged. */
function distinctCount(rex: Rex, builder: AggregateBuilder): JsonObject {
  const column = builder.column(rex);
  const { name } = builder;
  if (isComplex(rex.type)) {
    const type = MERGING.get(rex.type);
    if (type !== undefined) return { type, name, fieldName: column, round: true };
    const other =
      rex.type === 'COMPLEX<thetaSketch>'
        ? 'APPROX_COUNT_DISTINCT_DS_THETA'
        : 'a function of such sketches';
    throw planError(
      `Cannot count distinct values of a column of type ${rex.type}; use ${other}`,
      rex.position,
    );
  }
  const outputType = nativeType(rex.type);
  const field = { type: 'default', dimension: column, outputName: column, outputType };
  return { type: 'cardinality', name, fields: [field], byRow: false, round: true };
}

const countPlan: Plan = ([rex], distinct, builder) => ({
  aggregators: [distinct ? distinctCount(rex!, builder) : countOf(rex, builder.name, builder)],
});

const approximatePlan: Plan = ([rex], _, builder) => ({
  aggregators: [distinctCount(rex!, builder)],
});

/** MIN and MAX: of numbers and times. */
const extreme =
  (suffix: 'Min' | 'Max'): Plan =>
  ([rex], _, builder) => {
    const input = numeric(rex!);
    return {
      aggregators: [
        {
          type: `${prefixOf(input.type)}${suffix}`,
          name: builder.name,
          fieldName: builder.column(input),
        },
      ],
    };
  };

/** Sum and count of the same rows; whole numbers divide as whole numbers. */
const averagePlan: Plan = ([rex], _, builder) => {
  const sumName = `${builder.name}:sum`;
  const countName = `${builder.name}:count`;
  const input = numeric(rex!);
  return {
    aggregators: [sum(input, sumName, builder), countOf(input, countName, builder)],
    expression: `("${sumName}" / "${countName}")`,
  };
};

const DEFAULT_STRING_BYTES = 1024;

function bytesOf(rex: Rex | undefined): Long {
  const value = (rex as RexLiteral | undefined)?.value;
  return typeof value === 'number' || typeof value === 'bigint' ? value : DEFAULT_STRING_BYTES;
}

/** Stored first and last values, by the type of column, and what they are of. */
const STORED_PAIRS: ReadonlyMap<SqlType, SqlType> = new Map([
  ['COMPLEX<serializablePairLongString>', 'VARCHAR'],
  ['COMPLEX<serializablePairLongLong>', 'BIGINT'],
  ['COMPLEX<serializablePairLongDouble>', 'DOUBLE'],
  ['COMPLEX<serializablePairLongFloat>', 'FLOAT'],
]);

const pickedType = (type: SqlType): SqlType =>
  type === 'NULL' ? 'VARCHAR' : (STORED_PAIRS.get(type) ?? type);

/** EARLIEST, LATEST and ANY_VALUE: the aggregator of the argument's type, with a byte limit for texts. */
function pick(
  suffix: 'First' | 'Last' | 'Any',
  rex: Rex,
  bytes: Rex | undefined,
  time: Rex | undefined,
  builder: AggregateBuilder,
): JsonObject {
  const prefix = prefixOf(pickedType(rex.type));
  return {
    type: `${prefix}${suffix}`,
    name: builder.name,
    fieldName: builder.column(rex),
    ...(time === undefined ? {} : { timeColumn: builder.column(time) }),
    ...(prefix === 'string' ? { maxStringBytes: bytesOf(bytes) } : {}),
  };
}

const byRowTime =
  (suffix: 'First' | 'Last' | 'Any'): Plan =>
  ([rex, bytes], _, builder) => ({
    aggregators: [pick(suffix, rex!, bytes, undefined, builder)],
  });

const byTime =
  (suffix: 'First' | 'Last'): Plan =>
  ([rex, time, bytes], _, builder) => ({
    aggregators: [pick(suffix, rex!, bytes, time, builder)],
  });

const resultType = ([rex]: readonly Rex[]): SqlType => pickedType(rex!.type);

const groupingPlan: Plan = (args, _, builder) => ({
  aggregators: [
    { type: 'grouping', name: builder.name, groupings: args.map((arg) => builder.dimension(arg)) },
  ],
});

export const COUNT = aggregate(
  'COUNT',
  'any?',
  'BIGINT',
  countPlan,
  'Rows, or rows where x is not NULL.',
  true,
);
export const SUM = aggregate(
  'SUM',
  'plain',
  sumType,
  ([rex], _, b) => ({ aggregators: [sum(rex!, b.name, b)] }),
  'Sum.',
);
export const AVG = aggregate(
  'AVG',
  'plain',
  sumType,
  averagePlan,
  'Average, of the type of the sum.',
);
export const MIN = aggregate(
  'MIN',
  'plain',
  sameType,
  extreme('Min'),
  'Smallest number or time.',
  true,
);
export const MAX = aggregate(
  'MAX',
  'plain',
  sameType,
  extreme('Max'),
  'Largest number or time.',
  true,
);
const GROUPING = aggregate(
  'GROUPING',
  'any any*',
  'BIGINT',
  groupingPlan,
  'Bits of the arguments this row is not grouped by.',
);

export const BASIC_AGGREGATES: readonly AggregateFunction[] = [
  COUNT,
  SUM,
  AVG,
  MIN,
  MAX,
  GROUPING,
  aggregate(
    'APPROX_COUNT_DISTINCT',
    'any',
    'BIGINT',
    approximatePlan,
    'About how many distinct values.',
  ),
  aggregate(
    'APPROX_COUNT_DISTINCT_BUILTIN',
    'any',
    'BIGINT',
    approximatePlan,
    'About how many distinct values.',
  ),
  aggregate(
    'EARLIEST',
    'plain integer?!',
    resultType,
    byRowTime('First'),
    'The value of the earliest row.',
  ),
  aggregate(
    'LATEST',
    'plain integer?!',
    resultType,
    byRowTime('Last'),
    'The value of the latest row.',
  ),
  aggregate(
    'EARLIEST_BY',
    'plain time integer?!',
    resultType,
    byTime('First'),
    'The value of the row with the smallest t.',
  ),
  aggregate(
    'LATEST_BY',
    'plain time integer?!',
    resultType,
    byTime('Last'),
    'The value of the row with the largest t.',
  ),
  aggregate(
    'ANY_VALUE',
    'plain integer?!',
    resultType,
    byRowTime('Any'),
    'The value of any row, NULL included.',
  ),
];
