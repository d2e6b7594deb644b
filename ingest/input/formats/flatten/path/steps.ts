import type { JavaRegex } from '../../../../../model/index.js';

/** One step of a JSONPath, from a value to those below it. */
export type Step =
  /** Members by name; several only with brackets. */
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  /** Items by index; from the end where it is negative. */
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly start: number | null; readonly end: number | null }
  /** All members, or all items. */
  | { readonly kind: 'all' }
  /** The value itself and all values below it. */
  | { readonly kind: 'scan' }
  /** Items, or members, that the test holds for. */
  | { readonly kind: 'filter'; readonly test: Test };

/** A function of what the steps lead to, or, where it has arguments, of these. */
export interface PathFunction {
  readonly name: string;
  readonly arguments: readonly Operand[];
}

export interface Path {
  readonly steps: readonly Step[];
  /** At the end of the path; null where there is none. */
  readonly call: PathFunction | null;
}

export type Operand =
  | { readonly kind: 'literal'; readonly value: unknown }
  /** A path from the item that is tested (`@`) or from the record (`$`). */
  | { readonly kind: 'path'; readonly isFromRecord: boolean; readonly path: Path }
  | { readonly kind: 'regex'; readonly regex: JavaRegex };

export type Test =
  | { readonly kind: 'or' | 'and'; readonly tests: readonly Test[] }
  | { readonly kind: 'not'; readonly test: Test }
  | { readonly kind: 'exists'; readonly operand: Operand }
  | {
      readonly kind: 'compare';
      readonly operator: string;
      readonly left: Operand;
      readonly right: Operand;
    };

/** Whether a path leads to one value at most; what others lead to is a list. */
export function isDefinite({ steps }: Path): boolean {
  return steps.every((step, i) => {
    if (step.kind === 'keys') return step.keys.length === 1 || i === steps.length - 1;
    return step.kind === 'indexes' && step.indexes.length === 1;
  });
}
