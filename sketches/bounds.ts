/** An estimate and the range in which the truth lies, unless the sketch had bad luck. */
export interface Bounds {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}
