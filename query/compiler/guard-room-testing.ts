import type { ScratchSlot } from '../interpreter/target.js';
import type { OpenData } from './data-testing.js';

const GUARD_BYTES = 65_536;
const GUARD = 0xa5;

/** What is wrong with the room around a slot. */
export type RoomCheck = () => string | null;

/** For tests: writes a pattern around the slot; the function tells whether somebody wrote there since. */
export function guardRoom({ segment }: OpenData, { index, count }: ScratchSlot): RoomCheck {
  const { memory, scratch } = segment.scanMemory!;
  const share = Math.floor(scratch.sizeBytes / count / 64) * 64;
  const start = scratch.offset + index * share;
  const end = start + share;
  const zones = [
    new Uint8Array(
      memory.buffer,
      start - GUARD_BYTES * Math.sign(index),
      GUARD_BYTES * Math.sign(index),
    ),
    new Uint8Array(memory.buffer, end, Math.min(GUARD_BYTES, memory.buffer.byteLength - end)),
  ];
  for (const zone of zones) zone.fill(GUARD);
  return () =>
    zones.every((zone) => Buffer.compare(zone, CLEAN.subarray(0, zone.length)) === 0)
      ? null
      : 'wrote outside of its room';
}

const CLEAN = new Uint8Array(GUARD_BYTES).fill(GUARD);
