import { idOf, keyOf, SLOT_BYTES, slotId, slotKey, slotOf, slotStart } from './dictionary';
import { BYTES, IDS, SLOT_MASK, SLOTS, TAGS, TEXT, WORDS } from './field';
import { allocate, equalBytes } from './memory';

/**
 * Texts wait for their ids until the batch is whole: then the texts of one field after another are looked up,
 * and one dictionary at a time is in the processor's caches. An entry that waits has in its id where the text
 * begins, and in its word hash (low half), length and these bits.
 */
const WAITS: u64 = 0x8000000000000000;

/** Entries that are looked up together. */
const RUN_ROWS: u32 = 256;

/** The rows of a run whose texts wait, u32 each. */
const rows: usize = allocate(4 * RUN_ROWS);

/** The slot that each of them looks at first, copied. */
const seen: usize = allocate(RUN_ROWS * SLOT_BYTES);

/** Takes what is only read to have it in the processor's cache. */
const touched: usize = allocate(4);

/** Makes the entry a text that waits. */
export function storeText(field: usize, row: u32, start: usize, length: u32, hash: u32): void {
  store<u8>(load<u32>(field, TAGS) + row, TEXT);
  store<u32>(load<u32>(field, IDS) + 4 * row, start as u32);
  store<u64>(load<u32>(field, WORDS) + 8 * row, WAITS | keyOf(hash, length));
}

/** Gives the waiting texts among the first `rowCount` entries their ids. */
export function resolveTexts(field: usize, rowCount: u32): void {
  for (let first: u32 = 0; first < rowCount; first += RUN_ROWS) {
    const count = waitingRows(field, first, min(rowCount, first + RUN_ROWS));
    look(field, count);
    give(field, count);
  }
}

/** Lists the rows in [first, end) whose texts wait, and gives how many they are. */
function waitingRows(field: usize, first: u32, end: u32): u32 {
  const tags = load<u32>(field, TAGS) as usize;
  const words = load<u32>(field, WORDS) as usize;
  let count: u32 = 0;
  for (let row = first; row < end; row++) {
    store<u32>(rows + 4 * count, row);
    const isText = (load<u8>(tags + row) === TEXT) as u32;
    count += isText & ((load<u64>(words + 8 * row) >>> 63) as u32);
  }
  return count;
}

/**
 * Copies the slots, then touches the texts that they tell of and those that are looked for. Each of these loads misses
 * the caches where the dictionary is large; as none depends on another one, the processor has many of them under way.
 */
function look(field: usize, count: u32): void {
  const words = load<u32>(field, WORDS) as usize;
  const slots = load<u32>(field, SLOTS) as usize;
  const mask = load<u32>(field, SLOT_MASK);
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(words + 8 * load<u32>(rows + 4 * i));
    v128.store(seen + SLOT_BYTES * i, v128.load(slotOf(slots, mask, key)));
  }
  const ids = load<u32>(field, IDS) as usize;
  const bytes = load<u32>(field, BYTES) as usize;
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    sum += load<u8>(bytes + slotStart(seen + SLOT_BYTES * i));
    sum += load<u8>(load<u32>(ids + 4 * load<u32>(rows + 4 * i)));
  }
  store<u32>(touched, sum);
}

/** Gives the listed rows their ids: those of their slots where they fit. */
function give(field: usize, count: u32): void {
  const ids = load<u32>(field, IDS) as usize;
  const words = load<u32>(field, WORDS) as usize;
  let bytes = load<u32>(field, BYTES) as usize;
  for (let i: u32 = 0; i < count; i++) {
    const row = load<u32>(rows + 4 * i);
    const slot = seen + SLOT_BYTES * i;
    const key = load<u64>(words + 8 * row) ^ WAITS;
    const start = load<u32>(ids + 4 * row);
    let id = slotId(slot);
    const isFound =
      slotKey(slot) === key && equalBytes(bytes + slotStart(slot), start, (key >>> 32) as u32);
    if (!isFound || id === 0) {
      id = idOf(field, start, key);
      bytes = load<u32>(field, BYTES);
    }
    store<u32>(ids + 4 * row, id);
  }
}
