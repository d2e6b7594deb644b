import { idOf, keyOf, quickIdOf } from './dictionary';
import { BYTES, IDS, SLOT_MASK, SLOTS, TAGS, TEXT, WORDS } from './field';

/**
 * Texts wait for their ids until the batch is whole: then the texts of one field after another are looked up,
 * and one dictionary at a time is in the processor's caches. An entry that waits has in its id where the text
 * begins, and in its word hash (low half), length and these bits.
 */
const WAITS: u64 = 0x8000000000000000;

/** Makes the entry a text that waits. */
export function storeText(field: usize, row: u32, start: usize, length: u32, hash: u32): void {
  store<u8>(load<u32>(field, TAGS) + row, TEXT);
  store<u32>(load<u32>(field, IDS) + 4 * row, start as u32);
  store<u64>(load<u32>(field, WORDS) + 8 * row, WAITS | keyOf(hash, length));
}

/** Gives the waiting texts among the first `rowCount` entries their ids. */
export function resolveTexts(field: usize, rowCount: u32): void {
  const tags = load<u32>(field, TAGS) as usize;
  const ids = load<u32>(field, IDS) as usize;
  const words = load<u32>(field, WORDS) as usize;
  let slots = load<u32>(field, SLOTS) as usize;
  let mask = load<u32>(field, SLOT_MASK);
  let bytes = load<u32>(field, BYTES) as usize;
  for (let row: u32 = 0; row < rowCount; row++) {
    if (load<u8>(tags + row) !== TEXT) continue;
    const word = load<u64>(words + 8 * row);
    if ((word & WAITS) === 0) continue;
    const key = word ^ WAITS;
    const start = load<u32>(ids + 4 * row);
    let id = quickIdOf(slots, mask, bytes, start, key);
    if (id === 0) {
      id = idOf(field, start, key);
      slots = load<u32>(field, SLOTS);
      mask = load<u32>(field, SLOT_MASK);
      bytes = load<u32>(field, BYTES);
    }
    store<u32>(ids + 4 * row, id);
  }
}
