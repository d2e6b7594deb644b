import type { Pace, Turns } from '../../../core/index.js';
import type { Aggregator } from '../../../model/index.js';
import type { WindowColumn, WindowRows } from '../window-rows.js';

/** What a processor or an operator says of itself before there are rows. */
export interface WindowStep {
  /** The columns that it reads, be they of the data source or made before it. */
  readonly inputs: readonly string[];
  /** The columns that it makes. */
  readonly outputs: readonly string[];
  /** What it folds, if anything. */
  readonly aggregations?: readonly Aggregator[];
}

/** Computes columns with a value for each row from the rows of its partition. */
export interface Processor extends WindowStep {
  process(rows: WindowRows, pace: Pace): Turns<readonly WindowColumn[]>;
}

/** Steps one after the other as one: what a step made before is no input. */
export function togetherOf(steps: readonly WindowStep[]): Required<WindowStep> {
  const inputs = new Set<string>();
  const made = new Set<string>();
  for (const step of steps) {
    for (const name of step.inputs) if (!made.has(name)) inputs.add(name);
    for (const name of step.outputs) made.add(name);
  }
  const aggregations = steps.flatMap((step) => step.aggregations ?? []);
  return { inputs: [...inputs], outputs: [...made], aggregations };
}
