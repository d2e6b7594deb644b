import type { GroupPartial } from '../interpreter/group-partial.js';
import { tooManyGroups } from '../interpreter/group-table.js';
import type { VisibleTimes } from '../interpreter/visible-times.js';
import { bitsAt, type KeyOutput, keyOutput } from './output-keys.js';
import { type FoundGroup, type StateOutput, stateOutput } from './output-states.js';
import type { KernelJob } from './run.js';

/** The groups of a job on their way into a partial result. */
export class GroupOutput {
  readonly #buckets: number[] = [];
  readonly #keys: readonly KeyOutput[];
  readonly #states: readonly StateOutput[];

  constructor(private readonly job: KernelJob) {
    const { lowered, layout, runs } = job;
    this.#keys = lowered.keys.map((key, part) => keyOutput(key, part, layout, runs.calls));
    this.#states = lowered.aggregates.map((aggregate, i) =>
      stateOutput(job, aggregate, lowered.aggregators[i]!, i),
    );
  }

  /** A group of an array, by its position among the groups of its call. */
  addDense(view: DataView, at: number, call: number, position: number, found: FoundGroup): void {
    let rest = position;
    const { keys } = this.job.lowered;
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i]!;
      if (key.kind === 'codes' || key.kind === 'lists') {
        const { size } = key;
        this.#keys[i]!.add(rest % size);
        rest = (rest / size) | 0;
      } else this.#keys[i]!.add(key.kind === 'call' ? call : 0);
    }
    this.#addGroup(view, at, call, found);
  }

  /** A group of a hash table, by the words of its key. */
  addHashed(view: DataView, at: number, found: FoundGroup): void {
    const { wordOffsets, callShift } = this.job.layout;
    const last = at + wordOffsets[wordOffsets.length - 1]!;
    const { calls } = this.job.runs;
    const call = calls.length === 1 ? 0 : bitsAt(view, last, callShift, 32);
    for (let i = 0; i < this.#keys.length; i++) this.#keys[i]!.addHashed(view, at, call);
    this.#addGroup(view, at, call, found);
  }

  partial(visible: VisibleTimes, rowsScanned: number): GroupPartial {
    const { runs } = this.job;
    const groupCount = this.#buckets.length;
    return {
      kind: 'groups',
      groupCount,
      buckets: runs.calls.length === 1 ? runs.calls[0]!.bucketMs : Float64Array.from(this.#buckets),
      keys: this.#keys.map((key) => key.column()),
      states: this.#states.map((states) => states.column()),
      visible,
      rowsScanned,
      compiled: true,
    };
  }

  #addGroup(view: DataView, at: number, call: number, found: FoundGroup): void {
    const { runs, scan } = this.job;
    const { maxGroups } = scan.target.limits;
    if (this.#buckets.length >= maxGroups) throw tooManyGroups(maxGroups);
    this.#buckets.push(runs.calls[call]!.bucketMs);
    for (let i = 0; i < this.#states.length; i++) this.#states[i]!.add(view, at, found);
  }
}
