import { UnavailableError } from '../../core/index.js';
import type { ClusterNodes } from './cluster-nodes.js';

/** Tells of one node. */
export interface NodeSilence {
  /** Raised with UnavailableError when the node will not answer any more. */
  readonly signal: AbortSignal;
  /** Nobody waits any more. */
  end(): void;
}

/** Follows a node, for who waits for its answer: one that hangs never says so. */
export function silenceOf(
  nodes: Pick<ClusterNodes, 'listenForSilence'>,
  name: string,
): NodeSilence {
  const silence = new AbortController();
  const end = nodes.listenForSilence((silent) => {
    if (silent !== name) return;
    silence.abort(
      new UnavailableError(`the node "${name}" was lost while it was asked`, { node: name }),
    );
  });
  return { signal: silence.signal, end };
}
