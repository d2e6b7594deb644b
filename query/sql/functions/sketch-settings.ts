import type { Rex, RexLiteral } from '../algebra/rex.js';
import { isComplex, type SqlType } from '../algebra/types.js';
import { planError } from '../position.js';
import type { AggregateBuilder } from './definition.js';

/** A setting that is a constant; undefined when it is not given. */
export const setting = (rex: Rex | undefined) =>
  (rex as RexLiteral | undefined)?.value ?? undefined;

/** Throws PlanError for a sketch of another kind. */
export function checkKind({ type, position }: Rex, wanted: SqlType): void {
  if (isComplex(type) && type !== wanted) throw planError(`Want ${wanted}, got ${type}`, position);
}

/** The sketch under a name of its own, and what is computed from it. */
export const computed = (builder: AggregateBuilder) => `${builder.name}:sketch`;
