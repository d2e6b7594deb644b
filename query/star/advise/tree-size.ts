import type { JsonObject } from '../../../core/index.js';
import { parseAggregator } from '../../../model/index.js';
import type { DistinctCounts } from './distinct-counts.js';
import { treeRecords } from './expected-records.js';
import type { Facts } from './facts.js';
import { type WouldBeTree, withName } from './would-be-tree.js';

/** What a tree is expected to take in a segment. */
export interface TreeSize {
  readonly records: number;
  readonly sizeBytes: number;
  /** Of the bytes of the segment's columns and indexes. */
  readonly sizeShare: number;
  readonly buildMs: number;
}

/** A tree of more is not proposed. */
export const MAX_SHARE = 0.3;

export function sizeOf(tree: WouldBeTree, facts: Facts, counts: DistinctCounts): TreeSize {
  const records = Math.ceil(treeRecords(tree, counts));
  const rowsPerRecord = Math.max(1, counts.rowCount / records);
  const { dimensions, metrics } = tree;
  const values = dimensions.map((each) => counts.of([each]));
  const codes = values.reduce((sum, count) => sum + codeBytes(count), 0);
  const texts = values.reduce((sum, count) => sum + count * DICTIONARY_ENTRY_BYTES, 0);
  const states = metrics.reduce((sum, spec) => sum + stateBytes(spec, rowsPerRecord), 0);
  const sizeBytes = Math.ceil(records * (codes + states + NODE_BYTES) + texts);
  return {
    records,
    sizeBytes,
    sizeShare: sizeBytes / Math.max(1, facts.sizeBytes),
    buildMs: Math.ceil(
      (counts.rowCount * dimensions.length * NS_PER_ROW + records * metrics.length * NS_PER_STATE) /
        1e6,
    ),
  };
}

/** Whether it may be proposed: a tree of no fewer records than rows would not even be written. */
export const isWorth = ({ records, sizeShare }: TreeSize, rowCount: number): boolean =>
  records < rowCount && sizeShare <= MAX_SHARE;

const DICTIONARY_ENTRY_BYTES = 16;

/** Nodes, of 24 bytes, shared by the records. */
const NODE_BYTES = 0.5;

const codeBytes = (count: number): number => (count <= 1 ? 0 : count <= 256 ? 1 : 2);

/** Of one dimension, and of one state of a metric, about. */
const NS_PER_ROW = 100;
const NS_PER_STATE = 200;

/** Of numbers and of sketches with many values; those with few take some bytes for each. */
const STATE_BYTES: ReadonlyMap<string, number> = new Map([
  ['LONG', 4],
  ['FLOAT', 4],
  ['DOUBLE', 8],
  ['COMPLEX<hyperUnique>', 1031],
  ['COMPLEX<HLLSketch>', 2088],
  ['COMPLEX<thetaSketch>', 131_072],
]);
const SKETCH_BYTES = 4096;
const BYTES_PER_VALUE = 8;
const SKETCH_HEAD_BYTES = 16;

function stateBytes(spec: JsonObject, rowsPerRecord: number): number {
  const { storedType } = parseAggregator(withName(spec, 'a'), '');
  const most = STATE_BYTES.get(storedType) ?? SKETCH_BYTES;
  return storedType.startsWith('COMPLEX')
    ? Math.min(most, SKETCH_HEAD_BYTES + BYTES_PER_VALUE * rowsPerRecord)
    : most;
}
