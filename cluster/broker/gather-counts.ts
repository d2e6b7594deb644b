import { Histogram } from '../../core/index.js';

/** Seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What came of the requests to one node. */
export interface NodeCounts {
  /** Of requests that were answered, those that had to fetch first included. */
  readonly seconds: Histogram;
  requests: number;
  /** Requests that others were asked for instead, since it was gone or not well. */
  failures: number;
  /** Requests that took so long that others were asked as well. */
  hedges: number;
  /** Parts that it was asked for and had to fetch first. */
  coldParts: number;
  /** Parts that it was asked for and had no more. */
  absentParts: number;
}

/** What a broker's questions to other nodes came to, for metrics. */
export class GatherCounts {
  /** Of whole gatherings: until the last answer, or a failure. */
  readonly seconds = new Histogram(BOUNDS);
  readonly #nodes = new Map<string, NodeCounts>();

  /** By name; those that were lost are still there, for counts do not go back. */
  get nodes(): ReadonlyMap<string, NodeCounts> {
    return this.#nodes;
  }

  of(node: string): NodeCounts {
    let counts = this.#nodes.get(node);
    if (counts === undefined) {
      const none = { requests: 0, failures: 0, hedges: 0, coldParts: 0, absentParts: 0 };
      counts = { seconds: new Histogram(BOUNDS), ...none };
      this.#nodes.set(node, counts);
    }
    return counts;
  }
}
