import { TIME_ZONE_ROWS } from '../interpreter/zone-times.js';
import type { Parameters } from './parameters.js';
import type { RowRun } from './row-runs.js';
import type { Scratch } from './scratch.js';
import type { Test } from './tests.js';
import { add, get, i32, load, op } from './wasm/code.js';

/** The rows of a block that are in the run's mask (see `arrival-runs.ts`). */
export const IN_ROW_MASK: Test = {
  kind: 'mask',
  mask(kernel) {
    const byte = op('i32.shr_u', get(kernel.blockRow), i32(3));
    const step = op('i32.and', byte, get(kernel.call('rowMaskStep')));
    return load('i64.load', add(get(kernel.call('rowMask')), step));
  },
};

/** The masks of runs where a kernel finds them. */
export class RowMasks {
  readonly #address: number;
  /** Of a word whose bits are all set: every block of a run without a mask reads it. */
  readonly #all: number;

  /** Throws NoRoomError. */
  constructor(scratch: Scratch, masks: Uint8Array) {
    this.#address = scratch.take(masks.length);
    this.#all = scratch.take(8);
    scratch.bytes.set(masks, this.#address);
    scratch.bytes.fill(0xff, this.#all, this.#all + 8);
  }

  set(parameters: Parameters, { from, mask }: RowRun): void {
    const zoneFrom = from - (from % TIME_ZONE_ROWS);
    parameters.set('rowMask', mask === null ? this.#all : this.#address + mask - zoneFrom / 8);
    parameters.set('rowMaskStep', mask === null ? 0 : -1);
  }
}
