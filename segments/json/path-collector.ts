import {
  isJsonScalar,
  isScalarList,
  type JsonPath,
  type JsonScalar,
  type JsonValue,
  jsonPathText,
} from '../../model/index.js';
import { kindOf, LIST } from './kinds.js';

/** Paths of a column that get columns of their own: what lies at others is found in the documents. */
const MAX_PATHS = 1000;
/** A longer one gets none. */
const MAX_PATH_CHARS = 1000;
/** Of objects and lists on the way to paths. */
const MAX_NODES = 4 * MAX_PATHS;

/** What a document may hold at a path that counts: a scalar, or a list of scalars. Null is as nothing. */
export type PathValue = Exclude<JsonScalar, null> | readonly JsonScalar[];

/** What documents hold at one path. */
export interface PathValues {
  readonly path: JsonPath;
  /** Ascending. */
  readonly documents: number[];
  /** Parallel to `documents`. */
  readonly values: PathValue[];
  /** What occurs, and what occurs in lists (see `kinds.ts`). */
  kinds: number;
  listKinds: number;
}

/** Where a key or a position leads. */
interface PathNode {
  readonly path: JsonPath;
  readonly keys: Map<string, PathNode>;
  readonly items: PathNode[];
  values: PathValues | null;
}

const newNode = (path: JsonPath): PathNode => ({ path, keys: new Map(), items: [], values: null });

/** Finds the paths in documents that come one after another, and what is there. */
export class PathCollector {
  readonly #root = newNode([]);
  readonly #texts = new Map<string, string>();
  readonly #found: PathValues[] = [];
  #nodeCount = 1;
  #isComplete = true;

  /** In the order in which they first appear. */
  get found(): readonly PathValues[] {
    return this.#found;
  }

  /** Whether all paths are among them. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  add(document: number, value: JsonValue): void {
    this.#visit(this.#root, document, value);
  }

  #visit(node: PathNode, document: number, value: JsonValue): void {
    if (value === null) return;
    if (isJsonScalar(value) || isScalarList(value)) this.#record(node, document, value);
    else if (Array.isArray(value)) {
      const list = value as readonly JsonValue[];
      for (let i = 0; i < list.length; i++) {
        const item = node.items[i] ?? this.#item(node, i);
        if (item !== null) this.#visit(item, document, list[i]!);
      }
    } else {
      const object = value as { readonly [key: string]: JsonValue };
      for (const key of Object.keys(object)) {
        const member = node.keys.get(key) ?? this.#member(node, key);
        if (member !== null) this.#visit(member, document, object[key]!);
      }
    }
  }

  #item(node: PathNode, index: number): PathNode | null {
    // Nodes of a list come in order: where one was refused, those behind it are.
    const item = index === node.items.length ? this.#newNode([...node.path, index]) : null;
    if (item === null) this.#isComplete = false;
    else node.items.push(item);
    return item;
  }

  #member(node: PathNode, key: string): PathNode | null {
    const member = this.#newNode([...node.path, key]);
    if (member === null) this.#isComplete = false;
    else node.keys.set(key, member);
    return member;
  }

  #newNode(path: JsonPath): PathNode | null {
    if (this.#nodeCount >= MAX_NODES || this.#found.length >= MAX_PATHS) return null;
    this.#nodeCount++;
    return newNode(path);
  }

  #record(node: PathNode, document: number, value: PathValue): void {
    const values = node.values ?? this.#newValues(node);
    if (values === null) return;
    values.documents.push(document);
    values.values.push(typeof value === 'string' ? this.#shared(value) : value);
    if (typeof value !== 'object') values.kinds |= kindOf(value);
    else {
      values.kinds |= LIST;
      for (const each of value) if (each !== null) values.listKinds |= kindOf(each);
    }
  }

  #newValues(node: PathNode): PathValues | null {
    const isRefused =
      this.#found.length >= MAX_PATHS || jsonPathText(node.path).length > MAX_PATH_CHARS;
    if (isRefused) {
      this.#isComplete = false;
      return null;
    }
    const { path } = node;
    const values = { path, documents: [], values: [], kinds: 0, listKinds: 0 };
    node.values = values;
    this.#found.push(values);
    return values;
  }

  /** Equal texts are one in memory. */
  #shared(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}
