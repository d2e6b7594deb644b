import type { Rex, RexLiteral } from '../algebra/rex.js';
import { isComplex, type SqlType } from '../algebra/types.js';
import { planError } from '../position.js';

/** A setting that is a constant; undefined when it is not given. */
export const setting = (rex: Rex | undefined) =>
  (rex as RexLiteral | undefined)?.value ?? undefined;

/** Throws PlanError for a sketch of another kind. */
export function checkKind({ type, position }: Rex, wanted: SqlType): void {
  if (isComplex(type) && type !== wanted) throw planError(`Want ${wanted}, got ${type}`, position);
}
