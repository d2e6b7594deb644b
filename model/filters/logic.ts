import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { distinct, jsonSpec, parseEach, readSpec, type SpecReader } from '../spec.js';
import { FALSE, type Filter, type Ternary, TRUE, UNKNOWN } from './filter.js';
import { intersectBounds, uniteBounds } from './time-bounds.js';

const ListSchema = z.object({ fields: z.array(z.unknown(), { error: 'want a list of filters' }) });
const SingleSchema = z.object({ field: jsonSpec });

export const readAnd: SpecReader<Filter> = (json, field, parse) =>
  conjunction(json, readFields(json, field, parse));

export const readOr: SpecReader<Filter> = (json, field, parse) =>
  disjunction(json, readFields(json, field, parse));

/** TRUE where any of them is. */
export function disjunction(spec: Filter['spec'], filters: readonly Filter[]): Filter {
  const intervals = uniteBounds(filters);
  return {
    spec,
    inputs: inputsOf(filters),
    ...(intervals ? { intervals } : {}),
    form: { kind: 'or', filters },
    predicate(source) {
      const tests = filters.map((filter) => filter.predicate(source));
      return () => firstOf(tests, TRUE, FALSE);
    },
  };
}

/** TRUE where all of them are. */
export function conjunction(spec: Filter['spec'], filters: readonly Filter[]): Filter {
  const intervals = intersectBounds(filters);
  return {
    spec,
    inputs: inputsOf(filters),
    ...(intervals ? { intervals } : {}),
    form: { kind: 'and', filters },
    predicate(source) {
      const tests = filters.map((filter) => filter.predicate(source));
      return () => firstOf(tests, FALSE, TRUE);
    },
  };
}

/** `decisive` as soon as one test says so, else unknown if any is, else `otherwise`: Kleene's AND and OR. */
function firstOf(
  tests: readonly (() => Ternary)[],
  decisive: Ternary,
  otherwise: Ternary,
): Ternary {
  let result = otherwise;
  for (let i = 0; i < tests.length; i++) {
    const one = tests[i]!();
    if (one === decisive) return decisive;
    if (one === UNKNOWN) result = UNKNOWN;
  }
  return result;
}

const NEGATED: readonly Ternary[] = [TRUE, FALSE, UNKNOWN];

export const readNot: SpecReader<Filter> = (json, field, parse) =>
  negation(json, readField(json, field, parse));

/** TRUE where it is FALSE, and the other way round. */
export const negation = (spec: Filter['spec'], inner: Filter): Filter => ({
  spec,
  inputs: inner.inputs,
  form: { kind: 'not', filter: inner },
  predicate(source) {
    const test = inner.predicate(source);
    return () => NEGATED[test()]!;
  },
});

/** `istrue` and `isfalse`: two-valued tests of a filter. */
export const readIs =
  (wanted: Ternary): SpecReader<Filter> =>
  (json, field, parse) => {
    const inner = readField(json, field, parse);
    return {
      spec: json,
      inputs: inner.inputs,
      ...(wanted === TRUE && inner.intervals ? { intervals: inner.intervals } : {}),
      form: { kind: 'is', filter: inner, wanted },
      predicate(source) {
        const test = inner.predicate(source);
        return () => (test() === wanted ? TRUE : FALSE);
      },
    };
  };

export const readConstant =
  (value: Ternary): SpecReader<Filter> =>
  (json) =>
    constant(json, value);

function constant(spec: Filter['spec'], value: Ternary): Filter {
  return {
    spec,
    inputs: [],
    ...(value === FALSE ? { intervals: [] } : {}),
    form: { kind: 'constant', value },
    predicate: () => () => value,
  };
}

function readField(...[json, field, parse]: Parameters<SpecReader<Filter>>): Filter {
  return parse(readSpec(SingleSchema, json, field).field, `${field}.field`);
}

/** Null entries are dropped, as Druid does; nothing left is an error. */
function readFields(...[json, field, parse]: Parameters<SpecReader<Filter>>): Filter[] {
  const { fields } = readSpec(ListSchema, json, field);
  const filters = parseEach(fields, `${field}.fields`, (child, at) =>
    child === null ? null : parse(child, at),
  ).filter((filter) => filter !== null);
  if (filters.length === 0) {
    throw new UserError(
      `${field}.fields: want at least one filter; got an empty list`,
      'query',
      `${field}.fields`,
    );
  }
  return filters;
}

const inputsOf = (filters: readonly Filter[]): string[] =>
  distinct(filters.flatMap(({ inputs }) => inputs));
