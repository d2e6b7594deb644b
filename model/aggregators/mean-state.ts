/** The state of a mean. */
export interface Mean {
  readonly sum: number;
  readonly count: number;
}

export const DOUBLE_MEAN = 'doubleMean';
