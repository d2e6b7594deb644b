import type { Stream } from './stream-testing.js';

/** What every sketch promises, of one kind with one set of parameters. */
export interface SketchContract<S> {
  readonly name: string;
  /** An empty sketch for a stream of so many numbers. */
  make(seed: number, length: number): S;
  /** Adds a number, or its hash: four words of `murmur3` with DataSketches' seed. */
  update(sketch: S, value: number, hash: Uint32Array): void;
  /** Null where parts are not merged before they are asked. */
  readonly merge: ((target: S, source: S) => void) | null;
  /** Whether parts merged in any order and grouping have the bytes of the whole. */
  readonly isOrderless: boolean;
  /** Whether bytes that can be read are those that would be written: not where a format, as some of others, has several forms of one sketch. */
  readonly isCanonical: boolean;
  bytes(sketch: S): Uint8Array;
  read(bytes: Uint8Array): S;
  /** What the sketch tells, of any numbers. */
  answers(sketch: S): readonly unknown[];
  readonly bounds: readonly Bound<S>[];
}

/** A published bound. */
export interface Bound<S> {
  readonly name: string;
  /** Of how large a part of all streams it does not hold; 0: it always holds. */
  readonly chance: number;
  holds(sketch: S, stream: Stream): boolean;
}

/** A kind of sketch: the same of several parameters. */
export interface SketchKind {
  readonly name: string;
  readonly rows: readonly SketchContract<unknown>[];
}

export function kindOf<S>(name: string, rows: readonly SketchContract<S>[]): SketchKind {
  return { name, rows: rows as readonly SketchContract<unknown>[] };
}

/** That something is off by `deviations` standard deviations or less, where errors are about normal. */
export function withinDeviations<S>(
  what: string,
  error: (sketch: S, stream: Stream) => number,
  tails = TAILS,
): Bound<S>[] {
  return ([2, 3] as const).map((deviations) => ({
    name: `${what} within ${deviations} standard deviations`,
    chance: tails[deviations],
    holds: (sketch, stream) => Math.abs(error(sketch, stream)) <= deviations,
  }));
}

/** What lies beyond so many standard deviations of a normal distribution. */
export const TAILS: Tails = { 2: 0.0455, 3: 0.0027 };

export type Tails = Readonly<Record<2 | 3, number>>;
