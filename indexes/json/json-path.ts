import { compareText } from '../../core/index.js';
import type { JsonCondition } from '../../model/index.js';
import { bytesOf, checkLengths, countOf, wordsOf } from '../blocks.js';
import type { JsonColumn } from '../column.js';
import { bitWords, rowsOfBits } from '../rows/bits.js';
import { checkRowLists, type KeyRows, RowLists, writeRowLists } from '../rows/row-lists.js';
import { intersectRows, NO_ROWS, type RowSet, rowsIn } from '../rows/row-set.js';
import { checkTexts, SortedTexts, writeTexts } from '../sorted-texts.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks, RowAnswer } from '../types.js';
import { type DocumentNodes, documentNodes } from './document-nodes.js';
import { pathKey, valueKey } from './json-keys.js';

/**
 * Paths of documents, and what is there, so that conditions on a list can be asked of one element of it.
 *
 * A node is a row's document, or an element of a list in one (see `document-nodes.ts`). Rows are the first nodes, elements
 * follow in the order of their rows. A list of nodes per key says where the key is; an element knows the node that it is in.
 *
 *     parameters       keys; nodes: rows included
 *     keys.bytes       the keys, see `json-keys.ts` and `sorted-texts.ts`
 *     keys.offsets
 *     nodes.parents    (nodes - rows) × u32: of each element
 *     lists.bytes      see `row-lists.ts`: nodes in the place of rows; list i is of key i
 *     lists.offsets
 */
export const jsonPath: IndexKind = {
  name: 'jsonPath',
  isPacked: true,
  askedFor: ['JSON'],
  isUsual: () => false,

  build(column, sink) {
    if (column.kind !== 'JSON') return null;
    const documents = documentNodes(column);
    if (documents.keys.length === 0) return null;
    const order = [...documents.keys.keys()].sort((a, b) =>
      compareText(documents.keys[a]!, documents.keys[b]!),
    );
    writeTexts(
      order.map((key) => documents.keys[key]!),
      sink,
    );
    const parents = parentsByRow(column, documents);
    sink.block('nodes.parents', [bytesOf(parents)]);
    const nodes = column.rowCount + parents.length;
    writeRowLists(nodesByKey(column, documents, order), sink);
    return { keys: order.length, nodes };
  },

  check(written, rowCount) {
    const keys = countOf(written, 'keys');
    const nodes = countOf(written, 'nodes');
    if (keys === null || nodes === null || nodes < rowCount) return 'want keys and nodes';
    return (
      checkTexts(written, keys) ??
      checkRowLists(written, keys) ??
      checkLengths(written, { 'nodes.parents': 4 * (nodes - rowCount) })
    );
  },

  attach: (blocks) => new JsonPathIndex(blocks),
};

/** Of the elements of all rows, in order. */
function parentsByRow(
  { ids, rowCount }: JsonColumn,
  { nodeStarts, parents }: DocumentNodes,
): Uint32Array {
  let count = 0;
  for (let row = 0; row < rowCount; row++)
    count += nodeStarts[ids[row]! + 1]! - nodeStarts[ids[row]!]!;
  const all = new Uint32Array(count);
  let used = 0;
  for (let row = 0; row < rowCount; row++) {
    const first = rowCount + used;
    const end = nodeStarts[ids[row]! + 1]!;
    for (let i = nodeStarts[ids[row]!]!; i < end; i++) {
      all[used++] = nodeOf(parents[i]!, row, first);
    }
  }
  return all;
}

/** The number of a document's node among those of all rows; `first` is that of the row's first element. */
const nodeOf = (node: number, row: number, first: number): number =>
  node === 0 ? row : first + node - 1;

/** The nodes of each key, keys in the order that is given: counted, then placed. */
function nodesByKey(
  { ids, rowCount }: JsonColumn,
  { keys, entryStarts, entryKeys, entryNodes, nodeStarts }: DocumentNodes,
  order: readonly number[],
): KeyRows {
  const places = new Uint32Array(keys.length);
  for (const [place, key] of order.entries()) places[key] = place;
  const starts = new Uint32Array(keys.length + 1);
  const eachEntry = (visit: (place: number, node: number) => void) => {
    let first = rowCount;
    for (let row = 0; row < rowCount; row++) {
      const code = ids[row]!;
      for (let i = entryStarts[code]!; i < entryStarts[code + 1]!; i++) {
        visit(places[entryKeys[i]!]!, nodeOf(entryNodes[i]!, row, first));
      }
      first += nodeStarts[code + 1]! - nodeStarts[code]!;
    }
  };
  eachEntry((place) => starts[place + 1]!++);
  for (let place = 1; place < starts.length; place++) starts[place]! += starts[place - 1]!;
  const next = starts.slice(0, -1);
  const rows = new Uint32Array(starts[keys.length]!);
  eachEntry((place, node) => {
    rows[next[place]!++] = node;
  });
  return { starts, rows };
}

/** Conditions on a node, and on what is in one element of the list at each of some paths below it. */
interface NodeTest {
  readonly keys: (number | null)[];
  readonly elements: Map<string, NodeTest>;
}

class JsonPathIndex implements ColumnIndex {
  readonly #texts: SortedTexts;
  readonly #parents: Uint32Array;
  readonly #lists: RowLists;
  readonly #rowCount: number;
  readonly #nodeCount: number;

  constructor(blocks: LoadedBlocks) {
    this.#rowCount = blocks.rowCount;
    this.#nodeCount = blocks.parameters.nodes as number;
    this.#texts = new SortedTexts(blocks);
    this.#parents = wordsOf(blocks.bytes('nodes.parents'));
    this.#lists = new RowLists({ ...blocks, rowCount: this.#nodeCount });
  }

  /** A row has a node for each condition. */
  estimate(predicate: IndexPredicate): number | null {
    if (predicate.kind !== 'json') return null;
    const counts = predicate.conditions.map((condition) => {
      const key = this.#key(condition);
      return key === null ? 0 : this.#lists.count(key);
    });
    return Math.min(this.#rowCount, ...counts);
  }

  rows(predicate: IndexPredicate): RowAnswer | null {
    if (predicate.kind !== 'json') return null;
    const nodes = this.#nodes(this.#testOf(predicate.conditions));
    const rows = rowsIn(nodes, 0, this.#rowCount);
    return { rows: { kind: 'rows', rows }, exact: predicate.conditions.every(isTold) };
  }

  #testOf(conditions: readonly JsonCondition[]): NodeTest {
    const root: NodeTest = { keys: [], elements: new Map() };
    for (const condition of conditions) {
      let test = root;
      for (const [i, member] of condition.path.entries()) {
        if (member !== null) continue;
        const list = pathKey(condition.path.slice(0, i + 1));
        const inner = test.elements.get(list) ?? { keys: [], elements: new Map() };
        test.elements.set(list, inner);
        test = inner;
      }
      test.keys.push(this.#key(condition));
    }
    return root;
  }

  /** The key of a condition, that of its path alone where the value is not told; null where no document has it. */
  #key({ path, value }: JsonCondition): number | null {
    const key = value === undefined ? null : valueKey(path, value);
    return this.#texts.find(key ?? pathKey(path));
  }

  #nodes({ keys, elements }: NodeTest): RowSet {
    const sets = keys.map((key) => (key === null ? NO_ROWS : this.#lists.rows(key)));
    for (const test of elements.values()) sets.push(this.#parentsOf(this.#nodes(test)));
    return sets.reduce((a, b) => intersectRows(a, b, this.#nodeCount));
  }

  #parentsOf(nodes: RowSet): RowSet {
    const bits = new Uint32Array(bitWords(this.#nodeCount));
    for (const node of rowsIn(nodes, this.#rowCount, this.#nodeCount)) {
      const parent = this.#parents[node - this.#rowCount]!;
      if (parent < this.#nodeCount) bits[parent >>> 5]! |= 1 << (parent & 31);
    }
    return { kind: 'rows', rows: rowsOfBits(bits, 0, this.#nodeCount) };
  }
}

/** Whether keys tell all of a condition. */
const isTold = ({ path, value }: JsonCondition): boolean =>
  value === undefined || valueKey(path, value) !== null;
