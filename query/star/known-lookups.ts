import { BoundedMap } from '../executor/bounded-map.js';

/** So much of what one question comes to in a tree is remembered of codes, ranges and records each. */
const MOST_LOOKUP_BYTES = 65_536;

/** Of a tree. */
const MOST_LOOKUPS = 64;

/** Of all trees. */
const MOST_BYTES = 64 * 2 ** 20;

/** What questions come to in trees, by tree, by question: where it becomes too much for all of them together, all is forgotten. */
export class KnownLookups<Tree extends object, Question, Lookup> {
  #byTree = new WeakMap<Tree, BoundedMap<Question, Lookup>>();
  #bytes = 0;

  constructor(private readonly mostBytes = MOST_BYTES) {}

  of(tree: Tree): BoundedMap<Question, Lookup> {
    const known = this.#byTree.get(tree);
    if (known !== undefined) return known;
    const made = new BoundedMap<Question, Lookup>(MOST_LOOKUPS);
    this.#byTree.set(tree, made);
    return made;
  }

  /** Whether so many bytes more may be remembered, which are counted then. */
  takes(bytes: number): boolean {
    if (bytes > MOST_LOOKUP_BYTES) return false;
    this.#bytes += bytes;
    if (this.#bytes > this.mostBytes) {
      this.#byTree = new WeakMap();
      this.#bytes = bytes;
    }
    return true;
  }
}
