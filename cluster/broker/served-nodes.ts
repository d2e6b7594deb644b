import type { ClusterNodes } from '../membership/cluster-nodes.js';
import type { NodeRecord } from '../membership/node-record.js';
import { type NodeSilence, silenceOf } from '../membership/node-silence.js';
import type { ServedView } from '../membership/served-view.js';
import { UNKNOWN } from './broker-view.js';
import type { DataNode } from './choose-node.js';
import type { RemotePart } from './remote-part.js';
import type { DataNodes } from './share-plan.js';

/** Who can be asked for parts: as nodes have announced, and as they live. */
export class ServedNodes<T> implements DataNodes {
  constructor(
    private readonly nodes: ClusterNodes,
    private readonly view: ServedView<T>,
  ) {}

  serving({ ref, place }: RemotePart): readonly DataNode[] {
    if (ref.kind === 'segment')
      return this.view.nodesOf(place.name).map(({ node }) => dataNode(node));
    const owner = ref.part === UNKNOWN || place.node === null ? null : this.view.node(place.node);
    return owner === null ? [] : [dataNode(owner.node)];
  }

  fetching(): readonly DataNode[] {
    return this.nodes.alive('historical').map(dataNode);
  }

  silenceOf(name: string): NodeSilence {
    return silenceOf(this.nodes, name);
  }

  suspect(name: string): void {
    const node = this.nodes.node(name);
    if (node !== null) this.nodes.suspect(name, node.incarnation);
  }
}

const dataNode = ({ name, url, priority }: NodeRecord): DataNode => ({ name, url, priority });
