import type { Input } from './input.js';

/** A sketch of ours or of a package, and how it is fed. */
export interface Subject<S> {
  readonly task: 'distinct' | 'filter' | 'counts' | 'top' | 'quantiles' | 'histogram' | 'sums';
  readonly name: string;
  make(count: number): S;
  /** Adds numbers [from, to): a loop of its own, so that it is compiled for one sketch alone. */
  fill(sketch: S, input: Input, from: number, to: number): void;
  /** Null where it has none. */
  readonly merge: ((target: S, source: S) => void) | null;
  sizeBytes(sketch: S): number;
  /** Of a sketch of all numbers; see `input.ts`. Null where nothing is estimated. */
  error(sketch: S, input: Input): number | null;
}
