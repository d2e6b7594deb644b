/** A jq filter: gives any number of values for one. */
export type Filter =
  | { readonly kind: 'identity' }
  /** The value and all below it. */
  | { readonly kind: 'recurse' }
  | { readonly kind: 'literal'; readonly value: unknown }
  /** A text with filters in it. */
  | { readonly kind: 'text'; readonly parts: readonly Filter[] }
  /** A member or an item. With a question mark (`isQuiet`), a target that has none gives nothing. */
  | {
      readonly kind: 'at';
      readonly target: Filter;
      readonly key: Filter;
      readonly isQuiet?: boolean;
    }
  | {
      readonly kind: 'slice';
      readonly target: Filter;
      readonly start: Filter | null;
      readonly end: Filter | null;
      readonly isQuiet?: boolean;
    }
  /** All members or items. */
  | { readonly kind: 'each'; readonly target: Filter; readonly isQuiet?: boolean }
  /** Errors give nothing. */
  | { readonly kind: 'try'; readonly body: Filter }
  | { readonly kind: 'list'; readonly body: Filter | null }
  | {
      readonly kind: 'object';
      readonly entries: readonly (readonly [key: Filter, value: Filter])[];
    }
  | { readonly kind: 'negate'; readonly body: Filter }
  /** `|`, `,`, `//`, `and`, `or`, comparisons and arithmetic. */
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Filter;
      readonly right: Filter;
    }
  | {
      readonly kind: 'if';
      readonly condition: Filter;
      readonly then: Filter;
      /** Null: the value itself. */
      readonly otherwise: Filter | null;
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Filter[] };

export const IDENTITY: Filter = { kind: 'identity' };
