import type { NodeSilence } from '../membership/node-silence.js';
import { chooseNode, type DataNode } from './choose-node.js';
import type { NodeLoads } from './node-loads.js';
import type { RemotePart } from './remote-part.js';

/** Who has which parts, as it is just now. */
export interface DataNodes {
  /** The live nodes that have the part. */
  serving(part: RemotePart): readonly DataNode[];
  /** The live nodes that can fetch any published segment. */
  fetching(): readonly DataNode[];
  /** See `silenceOf`. */
  silenceOf(name: string): NodeSilence;
  /** A node that did not answer. */
  suspect(name: string): void;
}

/** What one node is asked for. */
export interface NodeShare {
  readonly node: DataNode;
  /** Of the parts of the query. */
  readonly numbers: readonly number[];
  /** Numbers of those that it has to fetch first. */
  readonly cold: ReadonlySet<number>;
}

export interface SharePlan {
  readonly shares: readonly NodeShare[];
  /** Numbers of parts that nobody can be asked for. */
  readonly nowhere: readonly number[];
}

/** Deals parts out to nodes that have them, or could; `failed` are names of nodes that were asked for a part before. */
export function planShares(
  parts: readonly RemotePart[],
  numbers: Iterable<number>,
  failed: (number: number) => ReadonlySet<string> | undefined,
  nodes: DataNodes,
  loads: NodeLoads,
): SharePlan {
  const shares = new Map<string, { node: DataNode; numbers: number[]; cold: Set<number> }>();
  const nowhere: number[] = [];
  for (const number of numbers) {
    const part = parts[number]!;
    const tried = failed(number);
    const untried = (each: readonly DataNode[]) =>
      tried === undefined ? each : each.filter(({ name }) => !tried.has(name));
    const serving = untried(nodes.serving(part));
    const isCold = serving.length === 0 && part.place.stored !== null;
    const able = isCold ? untried(nodes.fetching()) : serving;
    if (able.length === 0) {
      nowhere.push(number);
      continue;
    }
    const node = able.length === 1 ? able[0]! : chooseNode(able, part.place.hash, loads);
    const share = shares.get(node.name) ?? { node, numbers: [], cold: new Set() };
    shares.set(node.name, share);
    share.numbers.push(number);
    if (isCold) share.cold.add(number);
  }
  return { shares: [...shares.values()], nowhere };
}
