import type { Value } from '../../../model/index.js';
import type { AggregateFunction, ScalarFunction } from '../functions/definition.js';
import type { Position } from '../position.js';
import type { Rel } from './rel.js';
import type { SqlType } from './types.js';

/**
 * Typed row expressions ("rex"): names are resolved, types known, implicit casts written out.
 *
 *   literal    a constant; BOOLEAN is 1 or 0, TIMESTAMP and DATE are milliseconds UTC
 *   column     a column of the input relation, by position
 *   field      a column of the native data source or result; exists only while planning
 *   call       a scalar function or operator
 *   aggregate  an aggregate call, before it is moved into an `aggregate` relation
 *   subquery   a query used as a value; run and replaced by literals before planning
 */
export type Rex = RexLiteral | RexColumn | RexField | RexCall | RexAggregate | RexSubquery;

interface Typed {
  readonly type: SqlType;
  readonly position: Position;
}

export interface RexLiteral extends Typed {
  readonly kind: 'literal';
  readonly value: Value;
}

export interface RexColumn extends Typed {
  readonly kind: 'column';
  readonly index: number;
  readonly name: string;
}

export interface RexField extends Typed {
  readonly kind: 'field';
  readonly name: string;
}

export interface RexCall extends Typed {
  readonly kind: 'call';
  readonly fn: ScalarFunction;
  readonly args: readonly Rex[];
}

interface RexAggregate extends Typed {
  readonly kind: 'aggregate';
  readonly call: AggregateCall;
}

export interface RexSubquery extends Typed {
  readonly kind: 'subquery';
  /** scalar: the one value; in: whether the row `args` is among the rows; exists: whether there is a row. */
  readonly mode: 'scalar' | 'in' | 'exists';
  readonly args: readonly Rex[];
  readonly rel: Rel;
}

/** One aggregate of an `aggregate` relation; arguments and filter are over its input. */
export interface AggregateCall {
  readonly fn: AggregateFunction;
  readonly args: readonly Rex[];
  readonly distinct: boolean;
  readonly filter: Rex | null;
  readonly type: SqlType;
  readonly position: Position;
}

export const literal = (type: SqlType, value: Value, position: Position): RexLiteral => ({
  kind: 'literal',
  type,
  value,
  position,
});

export const isLiteral = (rex: Rex | undefined, value: Value): boolean =>
  rex?.kind === 'literal' && rex.value === value;

/** The expressions right below. */
export function children(rex: Rex): readonly Rex[] {
  switch (rex.kind) {
    case 'call':
    case 'subquery':
      return rex.args;
    case 'aggregate':
      return rex.call.filter === null ? rex.call.args : [...rex.call.args, rex.call.filter];
    default:
      return [];
  }
}

/** Whether `test` holds for the expression or for one below it. */
export function some(rex: Rex, test: (rex: Rex) => boolean): boolean {
  return test(rex) || children(rex).some((child) => some(child, test));
}

/** A text that two expressions share exactly when they mean the same; positions do not count. */
export function rexKey(rex: Rex): string {
  switch (rex.kind) {
    case 'literal':
      return `${rex.type}:${typeof rex.value}:${valueKey(rex.value)}`;
    case 'column':
      return `$${rex.index}`;
    case 'field':
      return JSON.stringify(rex.name);
    case 'call':
      return `${rex.fn.name}(${rex.args.map(rexKey).join(',')}):${rex.type}`;
    case 'aggregate':
      return callKey(rex.call);
    case 'subquery':
      // Two subqueries are never merged: their place in the text tells them apart.
      return `subquery@${rex.position.line}:${rex.position.column}`;
  }
}

const valueKey = (value: Value): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));

export function callKey(call: AggregateCall): string {
  const args = call.args.map(rexKey).join(',');
  const filter = call.filter === null ? '' : ` filter ${rexKey(call.filter)}`;
  return `${call.fn.name}(${call.distinct ? 'distinct ' : ''}${args})${filter}`;
}
