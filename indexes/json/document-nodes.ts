import { utf8Decode } from '../../core/index.js';
import { isJsonScalar, Json, type JsonValue } from '../../model/index.js';
import type { JsonColumn } from '../column.js';
import { pathKey, valueKey } from './json-keys.js';

/**
 * Documents as nodes: each is one, and so is each element of each list in it; what is in objects belongs to the node around
 * them. Node 0 of a document is the document, others follow in the order in which a reader comes upon them.
 */
export interface DocumentNodes {
  /** Keys by number, in order of arrival: paths, and paths with what is there. */
  readonly keys: readonly string[];
  /** Document `code` has the entries from `entryStarts[code]` to `entryStarts[code + 1]`: a key, and the node that has it. */
  readonly entryStarts: Uint32Array;
  readonly entryKeys: Uint32Array;
  readonly entryNodes: Uint32Array;
  /** Likewise its nodes but the first: the nodes that these are in. */
  readonly nodeStarts: Uint32Array;
  readonly parents: Uint32Array;
}

export function documentNodes({ size, hasNull, texts }: JsonColumn): DocumentNodes {
  const { bytes, offsets } = texts();
  const collector = new NodeCollector();
  const entryStarts = new Uint32Array(size + 1);
  const nodeStarts = new Uint32Array(size + 1);
  for (let code = 0; code < size; code++) {
    if (code > 0 || !hasNull) {
      const text = utf8Decode(bytes.subarray(offsets[code]!, offsets[code + 1]!));
      collector.add(Json.ofText(text).value);
    }
    entryStarts[code + 1] = collector.entryKeys.length;
    nodeStarts[code + 1] = collector.parents.length;
  }
  return {
    keys: [...collector.keys.keys()],
    entryStarts,
    entryKeys: Uint32Array.from(collector.entryKeys),
    entryNodes: Uint32Array.from(collector.entryNodes),
    nodeStarts,
    parents: Uint32Array.from(collector.parents),
  };
}

class NodeCollector {
  readonly keys = new Map<string, number>();
  readonly entryKeys: number[] = [];
  readonly entryNodes: number[] = [];
  readonly parents: number[] = [];
  /** Of the document at hand. */
  #nodeCount = 0;

  add(value: JsonValue): void {
    this.#nodeCount = 1;
    this.#visit([], value, 0);
  }

  #visit(path: (string | null)[], value: JsonValue, node: number): void {
    if (value === null) return;
    if (isJsonScalar(value)) {
      this.#enter(pathKey(path), node);
      const key = valueKey(path, value);
      if (key !== null) this.#enter(key, node);
    } else if (Array.isArray(value)) {
      for (const element of value as readonly JsonValue[]) {
        this.parents.push(node);
        this.#visit([...path, null], element, this.#nodeCount++);
      }
    } else {
      const object = value as { readonly [key: string]: JsonValue };
      for (const name of Object.keys(object)) this.#visit([...path, name], object[name]!, node);
    }
  }

  #enter(key: string, node: number): void {
    const known = this.keys.get(key) ?? this.keys.size;
    this.keys.set(key, known);
    this.entryKeys.push(known);
    this.entryNodes.push(node);
  }
}
