import type { JsonObject } from '../../../core/index.js';
import type { Rex, RexLiteral } from '../algebra/rex.js';
import { arrayOf, nativeType, type SqlType } from '../algebra/types.js';
import { aggregate } from './aggregates.js';
import { type AggregateBuilder, type AggregateFunction, callOf } from './definition.js';
import { IS_NOT_NULL } from './operators.js';
import { identifierText, stringText } from './text.js';

/** Aggregates that run as Druid's `expression` aggregator: fold a row in, combine partial results. */

const DEFAULT_SIZE_BYTES = 1024;
const ACCUMULATOR = '"__acc"';

interface Folding {
  readonly initialValue: string;
  readonly fold: string;
  readonly combine: string;
  readonly finalize?: string;
  readonly nulls: boolean;
}

function expressionAggregator(
  rex: Rex,
  size: Rex | undefined,
  builder: AggregateBuilder,
  folding: (column: string, self: string) => Folding,
): JsonObject {
  const { name } = builder;
  const column = builder.column(rex);
  const { nulls, ...expressions } = folding(identifierText(column), identifierText(name));
  const value = (size as RexLiteral | undefined)?.value;
  const aggregator = {
    type: 'expression',
    name,
    fields: [column],
    accumulatorIdentifier: '__acc',
    ...expressions,
    initialCombineValue: expressions.initialValue,
    isNullUnlessAggregated: true,
    shouldAggregateNullInputs: nulls,
    shouldCombineAggregateNullInputs: false,
    maxSizeBytes: typeof value === 'number' ? value : DEFAULT_SIZE_BYTES,
  };
  if (nulls) return aggregator;
  const filter = builder.filter(callOf(IS_NOT_NULL, [rex], rex.position));
  return { type: 'filtered', aggregator, filter, name };
}

const arrayType = (args: readonly Rex[]): SqlType => arrayOf(args[0]!.type);

const arrayAgg: AggregateFunction['plan'] = ([rex, size], distinct, builder) => ({
  aggregators: [
    expressionAggregator(rex!, size, builder, (column, self) => ({
      initialValue: `${nativeType(arrayOf(rex!.type))}[]`,
      fold: `${distinct ? 'array_set_add' : 'array_append'}(${ACCUMULATOR}, ${column})`,
      combine: `${distinct ? 'array_set_add_all' : 'array_concat'}(${ACCUMULATOR}, ${self})`,
      nulls: true,
    })),
  ],
});

const arrayConcatAgg: AggregateFunction['plan'] = ([rex, size], distinct, builder) => {
  const join = distinct ? 'array_set_add_all' : 'array_concat';
  return {
    aggregators: [
      expressionAggregator(rex!, size, builder, (column, self) => ({
        initialValue: `${nativeType(arrayOf(rex!.type))}[]`,
        fold: `${join}(${ACCUMULATOR}, ${column})`,
        combine: `${join}(${ACCUMULATOR}, ${self})`,
        nulls: true,
      })),
    ],
  };
};

const stringAgg: AggregateFunction['plan'] = ([rex, separator, size], distinct, builder) => {
  const between = (separator as RexLiteral | undefined)?.value;
  const joined = `array_to_string(o, ${stringText(typeof between === 'string' ? between : '')})`;
  return {
    aggregators: [
      expressionAggregator(rex!, size, builder, (column, self) => ({
        initialValue: 'ARRAY<STRING>[]',
        fold: `${distinct ? 'array_set_add' : 'array_append'}(${ACCUMULATOR}, ${column})`,
        combine: `${distinct ? 'array_set_add_all' : 'array_concat'}(${ACCUMULATOR}, ${self})`,
        finalize: `if(array_length(o) == 0, null, ${joined})`,
        nulls: false,
      })),
    ],
  };
};

/** `initial` leaves any number unchanged. */
const bits =
  (native: string, initial: string): AggregateFunction['plan'] =>
  ([rex], _, builder) => ({
    aggregators: [
      expressionAggregator(rex!, undefined, builder, (column, self) => ({
        initialValue: initial,
        fold: `${native}(${ACCUMULATOR}, ${column})`,
        combine: `${native}(${ACCUMULATOR}, ${self})`,
        nulls: false,
      })),
    ],
  });

export const COLLECTING_AGGREGATES: readonly AggregateFunction[] = [
  aggregate('ARRAY_AGG', 'plain integer?!', arrayType, arrayAgg, 'All values as an array.', true),
  aggregate(
    'ARRAY_CONCAT_AGG',
    'array integer?!',
    arrayType,
    arrayConcatAgg,
    'All arrays joined.',
    true,
  ),
  aggregate(
    'STRING_AGG',
    'string string?! integer?!',
    'VARCHAR',
    stringAgg,
    'All texts joined.',
    true,
  ),
  aggregate(
    'LISTAGG',
    'string string?! integer?!',
    'VARCHAR',
    stringAgg,
    'All texts joined.',
    true,
  ),
  aggregate('BIT_AND', 'number', 'BIGINT', bits('bitwiseAnd', '-1'), 'Bits set in all.'),
  aggregate('BIT_OR', 'number', 'BIGINT', bits('bitwiseOr', '0'), 'Bits set in any.'),
  aggregate('BIT_XOR', 'number', 'BIGINT', bits('bitwiseXor', '0'), 'Exclusive or of all.'),
];
