import { type JsonObject, UnavailableError } from '../../core/index.js';
import type {
  PartHolder,
  ShareAnswer,
  ShareQuery,
  TablePart,
  WireAnalysis,
} from '../../query/index.js';
import type { PartRef } from '../serving/part-ref.js';
import {
  ANALYSE_SHARE,
  readShareAnswer,
  SCAN_SHARE,
  scanRequest,
} from '../serving/share-message.js';
import type { NodeClient } from '../transport/node-client.js';
import { type AskNode, type Found, Gathering, type GatheringOptions } from './gathering.js';
import { NodeLoads } from './node-loads.js';
import type { RemotePart } from './remote-part.js';
import type { NodeShare } from './share-plan.js';

export interface ScatterOptions extends GatheringOptions {
  readonly client: Pick<NodeClient, 'call'>;
  /** For one request to a node. */
  readonly deadlineMs: number;
}

/**
 * Has parts scanned by the nodes that have them: each node once, all at once. What a node has not, or cannot, another one is
 * asked for; so is what takes a node unusually long, and the first answer counts. Answers are whole: of a node that broke off nothing counts.
 */
export class Scatter implements PartHolder {
  readonly loads = new NodeLoads();

  constructor(private readonly options: ScatterOptions) {}

  async *scan(share: ShareQuery, parts: readonly TablePart[], signal: AbortSignal) {
    const ask: AskNode<ShareAnswer> = (to, refs, within) => this.#askScan(share, to, refs, within);
    for await (const { numbers, answer } of this.#gather(parts, ask, signal)) {
      yield { parts: numbers, answer };
    }
  }

  async analyse(query: JsonObject, parts: readonly TablePart[], signal: AbortSignal) {
    const ask: AskNode<Told> = (to, refs, within) => this.#askAnalysis(query, to, refs, within);
    const found: WireAnalysis[] = [];
    for await (const { numbers, answer } of this.#gather(parts, ask, signal)) {
      for (const [i, part] of answer.numbers.entries()) {
        found[numbers[part]!] = answer.analyses[i]!;
      }
    }
    return found;
  }

  async *#gather<A>(
    all: readonly TablePart[],
    ask: AskNode<A>,
    owner: AbortSignal,
  ): AsyncGenerator<Found<A>> {
    const run = new Gathering<A>(all as readonly RemotePart[], ask, this.loads, this.options);
    const { clock } = this.options;
    const startMs = clock.nowMs();
    try {
      yield* run.results(owner);
    } finally {
      run.end();
      this.loads.counts.seconds.add((clock.nowMs() - startMs) / 1000);
    }
  }

  async #askScan(
    share: ShareQuery,
    { node }: NodeShare,
    refs: readonly PartRef[],
    signal: AbortSignal,
  ) {
    let lacking: readonly string[] = [];
    for (;;) {
      const { deadlineMs, client } = this.options;
      const request = scanRequest(share, refs, lacking);
      const answer = await client.call(node.url, SCAN_SHARE, request, { deadlineMs, signal });
      const read = await readShareAnswer(answer);
      if (read.lacking.length === 0) return read;
      if (lacking.length > 0) {
        throw new UnavailableError(`node ${node.name} does not take lookups that it asks for`);
      }
      lacking = read.lacking;
    }
  }

  async #askAnalysis(
    query: JsonObject,
    { node }: NodeShare,
    parts: readonly PartRef[],
    signal: AbortSignal,
  ) {
    const { deadlineMs, client } = this.options;
    const request = { message: { query, parts } };
    const { message, frames } = await client.call(node.url, ANALYSE_SHARE, request, {
      deadlineMs,
      signal,
    });
    for await (const _ of frames);
    const answer = message as Told;
    return { answer, missing: answer.missing };
  }
}

/** What a node tells of parts: of those with these numbers, in this order. */
interface Told {
  readonly analyses: readonly WireAnalysis[];
  readonly numbers: readonly number[];
  readonly missing: readonly number[];
}
