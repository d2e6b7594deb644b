import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { type ComplexTypeSerde, complexType } from '../complex-types.js';
import { type Expression, parseExpression } from '../expressions/expression.js';
import { compareValues } from '../ordering.js';
import type { RowSource } from '../rows.js';
import {
  distinct,
  flagSpec,
  integerSpec,
  nameSpec,
  optionalText,
  readSpec,
  type SpecReader,
} from '../spec.js';
import { complexName, isComplexType, type Value, type ValueType } from '../types.js';
import type { Accumulator, Aggregator, State } from './aggregator.js';
import { checkReads, functionOf, rowFold, Variable, valueSizeBytes } from './expression-folding.js';

const Schema = z.object({
  name: nameSpec,
  fields: z
    .array(nameSpec, { error: 'want a list of column names' })
    .nullish()
    .transform((fields) => fields ?? []),
  accumulatorIdentifier: optionalText.transform((name) => name ?? '__acc'),
  fold: nameSpec,
  combine: optionalText,
  initialValue: nameSpec,
  initialCombineValue: optionalText,
  compare: optionalText,
  finalize: optionalText,
  isNullUnlessAggregated: flagSpec(true),
  shouldAggregateNullInputs: flagSpec(true),
  shouldCombineAggregateNullInputs: z
    .boolean({ error: 'want true or false' })
    .nullish()
    .transform((flag) => flag ?? null),
  maxSizeBytes: integerSpec(1024).refine((bytes) => bytes >= 10, { error: 'want 10 or more' }),
});

type Settings = z.output<typeof Schema>;

/** What has been accumulated: by `fold` alone, or by `combine` too, whose type may be another. */
interface Accumulated {
  value: Value;
  combined: boolean;
}

/**
 * An aggregator that is written as expressions: `fold` takes a row in, `combine` a partial result, which it sees under the
 * aggregator's name. Every result goes through `combine`, so that how many partial results there were does not show.
 * The state is null until something was accumulated. Throws UserError for a result that outgrows `maxSizeBytes`.
 */
export const readExpressionAggregator: SpecReader<Aggregator> = (json, field) => {
  const settings = readSpec(Schema, json, field);
  return expressionAggregator(json, settings, functionsOf(settings, field));
};

type Functions = ReturnType<typeof functionsOf>;

/** The settings that are expressions, checked and compiled but for `fold`, which needs the columns' types. */
function functionsOf(settings: Settings, field: string) {
  const { initialValue, initialCombineValue, finalize, compare } = settings;
  const initial = constantOf(initialValue, `${field}.initialValue`);
  const initialCombine =
    initialCombineValue === null
      ? initial
      : constantOf(initialCombineValue, `${field}.initialCombineValue`);
  const { type } = initialCombine;
  const fold = foldOf(settings, `${field}.fold`);
  const combining = combinerOf(settings, fold, `${field}.combine`);
  const combine = (from: ValueType) =>
    functionOf(combining.expression, combining.names, [type, from], type).call;
  const final =
    finalize === null
      ? { type, call: (value: Value) => value }
      : functionOf(over(['o'], finalize, `${field}.finalize`), ['o'], [type]);
  const pair = ['o1', 'o2'];
  const comparator =
    compare === null
      ? null
      : functionOf(over(pair, compare, `${field}.compare`), pair, [final.type, final.type], 'LONG');
  return {
    initial,
    initialCombine,
    fold,
    combineFolded: combine(initial.type),
    combineCombined: combine(type),
    final,
    compare: comparator,
  };
}

function constantOf(text: string, field: string): Variable {
  const expression = over([], text, field);
  const { type, call } = functionOf(expression, [], []);
  const constant = new Variable(type);
  constant.value = call();
  return constant;
}

/** An expression that reads no other names. */
function over(names: readonly string[], text: string, field: string): Expression {
  const expression = parseExpression(text, field);
  const known = names.length === 0 ? 'want a constant' : `it reads ${names.join(' and ')}`;
  checkReads(expression, field, names, known);
  return expression;
}

function foldOf({ fields, fold, accumulatorIdentifier }: Settings, field: string): Expression {
  const expression = parseExpression(fold, field);
  checkReads(expression, field, [accumulatorIdentifier, ...fields], 'list it in "fields"');
  return expression;
}

/** The expression that combines, and the names of its operands; of one field that is `fold` where none is given. */
function combinerOf(
  { name, fields, combine, accumulatorIdentifier }: Settings,
  fold: Expression,
  field: string,
): { readonly expression: Expression; readonly names: readonly string[] } {
  if (combine !== null) {
    const names = [accumulatorIdentifier, name];
    return { names, expression: over(names, combine, field) };
  }
  if (fields.length === 1) {
    return { names: [accumulatorIdentifier, fields[0]!], expression: fold };
  }
  throw new UserError(
    `${field}: must be given unless there is exactly one of "fields"; got nothing`,
    'query',
    field,
  );
}

function expressionAggregator(
  spec: JsonObject,
  settings: Settings,
  functions: Functions,
): Aggregator {
  const { fold, final, compare } = functions;
  const merging = mergingOf(settings, functions);
  const isNull = (state: State): boolean => state === null && settings.isNullUnlessAggregated;
  const shown = (state: State): Value => merging.combined(state as Accumulated | null);
  const self: Aggregator = {
    name: settings.name,
    spec,
    inputs: distinct(fold.inputs.filter((input) => input !== settings.accumulatorIdentifier)),
    storedType: functions.initialCombine.type,
    resultType: final.type,
    queryOnly: true,
    accumulator: (source) => accumulatorOf(source, settings, functions, merging),
    initial: () => null,
    combine: merging.combine,
    shown: (state) => (isNull(state) ? null : shown(state)),
    finalise: (state) => (isNull(state) ? null : final.call(shown(state))),
    combining: () => self,
    ...wiring(functions),
    compare: compare === null ? compareValues(final.type) : (a, b) => Number(compare.call(a, b)),
  };
  return self;
}

/** States cross threads by value; what is complex goes as its bytes. */
function wiring({ initial, initialCombine }: Functions): Pick<Aggregator, 'encode' | 'decode'> {
  const serdes = [initial, initialCombine].map(({ type }) =>
    isComplexType(type) ? complexType(complexName(type)) : null,
  );
  const translated = (
    state: Accumulated | null,
    translate: (serde: ComplexTypeSerde, value: object) => object,
  ): Accumulated | null => {
    const serde = state?.combined ? serdes[1] : serdes[0];
    if (!state || !serde || state.value === null) return state;
    return { ...state, value: translate(serde, state.value as object) };
  };
  return {
    encode: (state) =>
      translated(state as Accumulated | null, (serde, value) => serde.encode(value)),
    decode: (wire) =>
      translated(wire as Accumulated | null, (serde, bytes) => serde.decode(bytes as Uint8Array)),
  };
}

interface Merging {
  accumulated(value: Value, combined: boolean): Accumulated;
  /** The value of a state, or of none, as `combine` leaves it. */
  combined(state: Accumulated | null): Value;
  combine(a: State, b: State): State;
}

function mergingOf(settings: Settings, functions: Functions): Merging {
  const { initial, initialCombine, combineFolded, combineCombined } = functions;
  const { name, maxSizeBytes } = settings;
  const takesNulls =
    settings.shouldCombineAggregateNullInputs ?? settings.shouldAggregateNullInputs;
  const accumulated = (value: Value, combined: boolean): Accumulated => {
    const sizeBytes = valueSizeBytes(value);
    if (sizeBytes > maxSizeBytes) throw tooLarge(name, sizeBytes, maxSizeBytes);
    return { value, combined };
  };
  const combined = (state: Accumulated | null): Value => {
    if (state?.combined) return state.value;
    const value = state === null ? initial.value : state.value;
    if (value === null && !takesNulls) return initialCombine.value;
    return combineFolded(initialCombine.value, value);
  };
  const combine = (a: State, b: State): State => {
    const other = b as Accumulated | null;
    if (other === null || (other.value === null && !takesNulls)) return a;
    if (a === null) return other;
    const call = other.combined ? combineCombined : combineFolded;
    return accumulated(call(combined(a as Accumulated), other.value), true);
  };
  return { accumulated, combined, combine };
}

function accumulatorOf(
  source: RowSource,
  { accumulatorIdentifier, shouldAggregateNullInputs }: Settings,
  { fold, initial }: Functions,
  { accumulated, combine }: Merging,
): Accumulator {
  const rows = rowFold(source, fold, accumulatorIdentifier, initial.type);
  return {
    fold(state) {
      if (!shouldAggregateNullInputs && rows.hasNull()) return state;
      const before = state as Accumulated | null;
      if (before?.combined) return combine(before, accumulated(rows.fold(initial.value), false));
      return accumulated(rows.fold(before === null ? initial.value : before.value), false);
    },
  };
}

const tooLarge = (name: string, sizeBytes: number, maxSizeBytes: number): UserError =>
  new UserError(
    `aggregator "${name}": its value takes ${sizeBytes} bytes, more than maxSizeBytes, ${maxSizeBytes}; raise that, or aggregate less`,
    'query',
    'maxSizeBytes',
  );
