import { BYTES, BYTES_CAPACITY, CAPACITY, COUNT, REPEATS, SLOT_MASK, SLOTS, STARTS } from './field';
import { copyText, equalBytes, releaseRegion, takeRegion } from './memory';

/**
 * The texts of a field. Ids count from 1. Text i is [starts[i - 1], starts[i]) of `bytes`.
 *
 *     slots   a power of two of them, 16 bytes each: u64 key, u32 id (0 where empty), u32 start
 *     starts  u32 each, one more than there are texts
 *
 * Their regions are powers of two of bytes: what one field outgrew is what another one grows into.
 *
 * A text that finds its neighbourhood of slots full gets an id that only it has: texts chosen to
 * collide cost room, not time. So two ids may have one text.
 */
export const SLOT_BYTES: usize = 16;
const KEY: usize = 0;
const ID: usize = 8;
const START: usize = 12;

const FIRST_SLOTS: u32 = 512;
const FIRST_BYTES: u32 = 4096;
const MAX_PROBES: u32 = 256;

/** How many texts so many slots are for: fuller, probing takes long; emptier, more of them miss the caches. */
function capacityOf(slotCount: u32): u32 {
  return (slotCount >>> 3) * 5;
}

function emptySlots(count: u32): usize {
  const bytes = (SLOT_BYTES as u32) * count;
  const slots = takeRegion(bytes);
  memory.fill(slots, 0, bytes);
  return slots;
}

/** Of the region of starts beside so many slots: more than their texts need. */
function startsBytes(slotCount: u32): u32 {
  return 4 * slotCount;
}

/** Gives the field an empty dictionary. */
export function initDictionary(field: usize): void {
  const capacity = capacityOf(FIRST_SLOTS);
  store<u32>(field, capacity, CAPACITY);
  store<u32>(field, FIRST_SLOTS - 1, SLOT_MASK);
  store<u32>(field, emptySlots(FIRST_SLOTS) as u32, SLOTS);
  const starts = takeRegion(startsBytes(FIRST_SLOTS));
  store<u32>(starts, 0);
  store<u32>(field, starts as u32, STARTS);
  store<u32>(field, FIRST_BYTES, BYTES_CAPACITY);
  store<u32>(field, takeRegion(FIRST_BYTES) as u32, BYTES);
}

/** Forgets all texts; the room stays. */
export function emptyDictionary(field: usize): void {
  memory.fill(load<u32>(field, SLOTS), 0, SLOT_BYTES * (load<u32>(field, SLOT_MASK) + 1));
  store<u32>(field, 0, COUNT);
  store<u32>(field, 0, REPEATS);
}

/** What is known of a text before its bytes are looked at: its hash (low half) and length. */
export function keyOf(hash: u32, length: u32): u64 {
  return ((length as u64) << 32) | hash;
}

/** The slot at which the search for a key begins. */
export function slotOf(slots: usize, mask: u32, key: u64): usize {
  return slots + SLOT_BYTES * ((key as u32) & mask);
}

export function slotKey(slot: usize): u64 {
  return load<u64>(slot, KEY);
}

/** 0 where the slot is empty. */
export function slotId(slot: usize): u32 {
  return load<u32>(slot, ID);
}

/** Where the slot's text begins in the dictionary's bytes. */
export function slotStart(slot: usize): u32 {
  return load<u32>(slot, START);
}

/** The id of the text at `p`, which is added when it is new. */
export function idOf(field: usize, p: usize, key: u64): u32 {
  const slots = load<u32>(field, SLOTS) as usize;
  const mask = load<u32>(field, SLOT_MASK);
  const bytes = load<u32>(field, BYTES) as usize;
  let at = (key as u32) & mask;
  for (let probe: u32 = 0; probe < MAX_PROBES; probe++) {
    const slot = slots + SLOT_BYTES * at;
    const id = load<u32>(slot, ID);
    if (id === 0) return added(field, p, key, slot);
    if (load<u64>(slot, KEY) === key) {
      if (equalBytes(bytes + load<u32>(slot, START), p, (key >>> 32) as u32)) return id;
    }
    at = (at + 1) & mask;
  }
  return added(field, p, key, 0);
}

/** Adds a text, known by the slot at `slot` if that is not 0. */
function added(field: usize, p: usize, key: u64, slot: usize): u32 {
  const length = (key >>> 32) as u32;
  const id = load<u32>(field, COUNT) + 1;
  const start = load<u32>(load<u32>(field, STARTS) + 4 * (id - 1));
  if (start + length > load<u32>(field, BYTES_CAPACITY)) growBytes(field, start, start + length);
  copyText(load<u32>(field, BYTES) + start, p, length);
  store<u32>(load<u32>(field, STARTS) + 4 * id, start + length);
  store<u32>(field, id, COUNT);
  if (slot !== 0) {
    store<u32>(slot, id, ID);
    store<u64>(slot, key, KEY);
    store<u32>(slot, start, START);
  } else store<u32>(field, 1, REPEATS);
  if (id === load<u32>(field, CAPACITY)) growSlots(field, id);
  return id;
}

function growBytes(field: usize, used: u32, wanted: u32): void {
  const oldCapacity = load<u32>(field, BYTES_CAPACITY);
  const old = load<u32>(field, BYTES) as usize;
  let capacity: u32 = 2 * oldCapacity;
  while (capacity < wanted) capacity *= 2;
  const bytes = takeRegion(capacity);
  memory.copy(bytes, old, used);
  releaseRegion(old, oldCapacity);
  store<u32>(field, bytes as u32, BYTES);
  store<u32>(field, capacity, BYTES_CAPACITY);
}

function growSlots(field: usize, count: u32): void {
  const old = load<u32>(field, SLOTS) as usize;
  const oldCount = load<u32>(field, SLOT_MASK) + 1;
  const oldEnd = old + SLOT_BYTES * oldCount;
  const mask = 2 * oldCount - 1;
  const slots = emptySlots(mask + 1);
  for (let from = old; from < oldEnd; from += SLOT_BYTES) {
    if (load<u32>(from, ID) === 0) continue;
    let at = (load<u64>(from, KEY) as u32) & mask;
    while (load<u32>(slots + SLOT_BYTES * at, ID) !== 0) at = (at + 1) & mask;
    v128.store(slots + SLOT_BYTES * at, v128.load(from));
  }
  releaseRegion(old, (SLOT_BYTES as u32) * oldCount);
  const oldStarts = load<u32>(field, STARTS) as usize;
  const starts = takeRegion(startsBytes(mask + 1));
  memory.copy(starts, oldStarts, 4 * (count + 1));
  releaseRegion(oldStarts, startsBytes(oldCount));
  store<u32>(field, slots as u32, SLOTS);
  store<u32>(field, mask, SLOT_MASK);
  store<u32>(field, starts as u32, STARTS);
  store<u32>(field, capacityOf(mask + 1), CAPACITY);
}
