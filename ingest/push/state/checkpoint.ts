import { Packr } from 'msgpackr';
import { CorruptBytesError } from '../../../core/index.js';
import type { DimensionSchema } from '../../../segments/index.js';
import type { PackedNumbers } from '../letters/number-set.js';
import type { PackedDedup } from './dedup.js';
import type { PackedWatermark } from './watermark.js';

/** All that a table's state is, as plain values. Members keep this order, so that equal states have equal bytes. */
export interface PackedState {
  readonly table: string;
  /** Received, stored, late, rejected, deduplicated. */
  readonly counts: readonly number[];
  /** The number of the next letter. */
  readonly nextLetter: number;
  readonly replayed: PackedNumbers;
  readonly dimensions: readonly DimensionSchema[];
  readonly watermark: PackedWatermark;
  readonly dedup: PackedDedup;
  /** See `OpenedTable`; absent: the table was never another log's. */
  readonly epoch?: number;
}

const VERSION = 1;

const packr = new Packr({ useRecords: false });

/** A byte for the version, then MessagePack. */
export function encodeCheckpoint(state: PackedState): Uint8Array {
  return Buffer.concat([Uint8Array.of(VERSION), packr.pack(state)]);
}

/** Throws CorruptBytesError when the bytes are no checkpoint of this table. */
export function decodeCheckpoint(bytes: Uint8Array, table: string): PackedState {
  if (bytes[0] !== VERSION) {
    throw new CorruptBytesError(
      0,
      `a checkpoint of version ${bytes[0]}; this program reads ${VERSION}`,
    );
  }
  let state: PackedState;
  try {
    state = packr.unpack(bytes.subarray(1));
  } catch {
    throw new CorruptBytesError(1, 'the checkpoint of a table cannot be read');
  }
  if (state?.table !== table) {
    throw new CorruptBytesError(
      1,
      `the checkpoint is of table ${String(state?.table)}, not ${table}`,
    );
  }
  return state;
}
