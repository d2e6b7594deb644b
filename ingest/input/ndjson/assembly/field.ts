import { allocate } from './memory';

/**
 * A field: what is learned of it, and its column in the batch. A record of u32 words:
 *
 *     offset  word
 *     0       key         its name as it stands in compact JSON, `"name":`
 *     4       keyLength
 *     8       next        the field that came behind it last, or 0
 *     12      isTime      1 when its texts are read as times
 *     16      tags        a byte per row
 *     20      ids         u32 per row
 *     24      words       8 bytes per row
 *     28      nameHash
 *     32      slots       of its dictionary, see dictionary.ts
 *     36      slotMask
 *     40      count
 *     44      starts
 *     48      capacity
 *     52      bytes
 *     56      bytesCapacity
 *     60      repeats     1 when a text of the dictionary may have two ids
 */
const FIELD_BYTES: usize = 64;

export const KEY: usize = 0;
export const KEY_LENGTH: usize = 4;
export const NEXT: usize = 8;
export const IS_TIME: usize = 12;
export const TAGS: usize = 16;
export const IDS: usize = 20;
export const WORDS: usize = 24;
const NAME_HASH: usize = 28;
export const SLOTS: usize = 32;
export const SLOT_MASK: usize = 36;
export const COUNT: usize = 40;
export const STARTS: usize = 44;
export const CAPACITY: usize = 48;
export const BYTES: usize = 52;
export const BYTES_CAPACITY: usize = 56;
export const REPEATS: usize = 60;

/** What an entry of a column is; see ../tags.ts. */
export const NULL: u8 = 1;
export const TEXT: u8 = 2;
export const LONG: u8 = 4;
export const WIDE: u8 = 8;
export const DOUBLE: u8 = 16;
export const OTHER: u8 = 32;
export const TIME: u8 = 64;
export const ABSENT: u8 = 128;

/** Ids of entries that are OTHER. */
export const FALSE_ID: u32 = 1;
export const TRUE_ID: u32 = 2;

export const MAX_FIELDS: u32 = 512;

/** Slots of the table of names: twice as many as there are fields at most. */
const NAME_SLOTS: u32 = 2 * MAX_FIELDS;

/** Fields one behind the other; the first is none, its `next` is the first field of a row. */
export const ROOT: usize = allocate(FIELD_BYTES * (MAX_FIELDS + 1));

const names: usize = allocate(4 * NAME_SLOTS);

let fieldCount: u32 = 0;

export function fieldAt(index: u32): usize {
  return ROOT + FIELD_BYTES * (index + 1);
}

export function countOfFields(): u32 {
  return fieldCount;
}

/** Takes the next field. The caller checked that there is room. */
export function newField(nameHash: u32): usize {
  const field = fieldAt(fieldCount++);
  store<u32>(field, nameHash, NAME_HASH);
  let slot = nameHash & (NAME_SLOTS - 1);
  while (load<u32>(names + 4 * slot) !== 0) slot = (slot + 1) & (NAME_SLOTS - 1);
  store<u32>(names + 4 * slot, field as u32);
  return field;
}

/** The next field in the table of names whose hash it is, from slot `at` on; 0 when there is none. */
let namesAt: u32 = 0;

export function firstOfHash(nameHash: u32): usize {
  namesAt = nameHash & (NAME_SLOTS - 1);
  return nextOfHash(nameHash);
}

export function nextOfHash(nameHash: u32): usize {
  while (true) {
    const field = load<u32>(names + 4 * namesAt);
    if (field === 0) return 0;
    namesAt = (namesAt + 1) & (NAME_SLOTS - 1);
    if (load<u32>(field, NAME_HASH) === nameHash) return field;
  }
}
