import { type JsonObject, UnavailableError } from '../../core/index.js';
import type {
  OnLost,
  PartHolder,
  ShareAnswer,
  ShareIntake,
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
import {
  type AskNode,
  type Found,
  Gathering,
  type GatheringOptions,
  type GatheringOwner,
} from './gathering.js';
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
 * asked for; so is what takes a node unusually long, and the first answer counts. What comes is counted piece by piece, and pulled no faster; but answers are
 * whole: of a node that broke off nothing counts.
 */
export class Scatter implements PartHolder {
  readonly loads = new NodeLoads();

  constructor(private readonly options: ScatterOptions) {}

  async *scan(
    share: ShareQuery,
    parts: readonly TablePart[],
    intake: ShareIntake,
    signal: AbortSignal,
  ) {
    const ask: AskNode<ShareAnswer> = (to, refs, within) =>
      this.#askScan({ share, intake }, to, refs, within);
    const owner: GatheringOwner<ShareAnswer> = {
      discard: ({ items }) => {
        for (const { partial } of items) intake.drop(partial);
      },
      onLost: intake.onLost,
    };
    for await (const { numbers, absent, answer } of this.#gather(parts, ask, owner, signal)) {
      yield { parts: numbers, absent, answer };
    }
  }

  async analyse(
    query: JsonObject,
    parts: readonly TablePart[],
    onLost: OnLost,
    signal: AbortSignal,
  ) {
    const ask: AskNode<Told> = (to, refs, within) => this.#askAnalysis(query, to, refs, within);
    const found: WireAnalysis[] = [];
    const owner = { discard: () => undefined, onLost };
    for await (const { numbers, answer } of this.#gather(parts, ask, owner, signal)) {
      for (const [i, part] of answer.numbers.entries()) {
        found[numbers[part]!] = answer.analyses[i]!;
      }
    }
    // Without the places of those that are lost.
    return Object.values(found);
  }

  async *#gather<A>(
    all: readonly TablePart[],
    ask: AskNode<A>,
    owner: GatheringOwner<A>,
    signal: AbortSignal,
  ): AsyncGenerator<Found<A>> {
    const parts = all as readonly RemotePart[];
    const run = new Gathering<A>(parts, ask, owner, this.loads, this.options);
    const { clock } = this.options;
    const startMs = clock.nowMs();
    try {
      yield* run.results(signal);
    } finally {
      run.end();
      this.loads.counts.seconds.add((clock.nowMs() - startMs) / 1000);
    }
  }

  async #askScan(
    { share, intake }: { readonly share: ShareQuery; readonly intake: ShareIntake },
    { node }: NodeShare,
    refs: readonly PartRef[],
    signal: AbortSignal,
  ) {
    let lacking: readonly string[] = [];
    for (;;) {
      const { deadlineMs, client } = this.options;
      const request = scanRequest(share, refs, lacking);
      // The room of the query bounds it.
      const maxAnswerBytes = Number.POSITIVE_INFINITY;
      const options = { deadlineMs, signal, maxAnswerBytes };
      const answer = await client.call(node.url, SCAN_SHARE, request, options);
      const read = await readShareAnswer(answer, intake);
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
