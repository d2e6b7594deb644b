import { murmur3Word, utf8Encode } from '../../core/index.js';
import type { NodeLoads } from './node-loads.js';

/** A live node that scans for others. */
export interface DataNode {
  readonly name: string;
  readonly url: string;
  /** Higher goes first. */
  readonly priority: number;
}

/** A node that would take so many times as long as another one is left alone. */
const MUCH_LONGER = 2;

/**
 * The node to ask for a part, among those that have it: of the highest priority, the same one again and again, so that its
 * memory and its caches serve, unless it would take much longer than another one (rendezvous hashing, Thaler and Ravishankar 1998).
 */
export function chooseNode(nodes: readonly DataNode[], hash: number, loads: NodeLoads): DataNode {
  const priority = nodes.reduce((most, node) => Math.max(most, node.priority), -Infinity);
  const first = nodes.filter((node) => node.priority === priority);
  const least = first.reduce((cost, { name }) => Math.min(cost, loads.cost(name)), Infinity);
  const free = first.filter(({ name }) => loads.cost(name) <= MUCH_LONGER * least);
  return free.reduce((best, node) =>
    score(node.name, hash) > score(best.name, hash) ? node : best,
  );
}

const score = (name: string, hash: number): number =>
  Math.imul(Math.imul(hashOf(name) ^ hash, 0x85ebca6b) ^ (hash >>> 15), 0xc2b2ae35) >>> 0;

const hashes = new Map<string, number>();
const MAX_HASHES = 10_000;

/** Of the name of a node, of which there are few. */
function hashOf(name: string): number {
  let hash = hashes.get(name);
  if (hash === undefined) {
    if (hashes.size >= MAX_HASHES) hashes.clear();
    hash = murmur3Word(utf8Encode(name));
    hashes.set(name, hash);
  }
  return hash;
}
