import { UnavailableError } from '../../core/index.js';
import type { ClusterNodes } from './cluster-nodes.js';

/** Tells of one node. */
export interface NodeLoss {
  /** Raised with UnavailableError when the node is lost. */
  readonly signal: AbortSignal;
  /** Nobody asks any more. */
  end(): void;
}

/** Follows a node, for who waits for what it is to answer: one that hangs never says so. */
export function lossOf(nodes: Pick<ClusterNodes, 'listen'>, name: string): NodeLoss {
  const lost = new AbortController();
  const end = nodes.listen((changes) => {
    if (!changes.some(({ kind, node }) => kind === 'lost' && node.name === name)) return;
    const what = `the node "${name}" was lost while it was asked, and what it did is not known; send the request again`;
    lost.abort(new UnavailableError(what, { node: name }));
  });
  return { signal: lost.signal, end };
}
