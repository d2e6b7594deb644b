import { idOf } from './dictionary';
import { IDS, TAGS, TEXT, WORDS } from './field';

/**
 * Texts wait for their ids until the batch is whole: then the texts of one field after another are looked up,
 * and one dictionary at a time is in the processor's caches. An entry that waits has in its id where the text
 * begins, and in its word hash (low half), length and these bits.
 */
const WAITS: u32 = 0x80000000;
const LENGTH: u32 = 0x7fffffff;

/** Makes the entry a text that waits. */
export function storeText(field: usize, row: u32, start: usize, length: u32, hash: u32): void {
  store<u8>(load<u32>(field, TAGS) + row, TEXT);
  store<u32>(load<u32>(field, IDS) + 4 * row, start as u32);
  const word = load<u32>(field, WORDS) + 8 * row;
  store<u32>(word, hash);
  store<u32>(word, WAITS | length, 4);
}

/** Gives the waiting texts among the first `rowCount` entries their ids. */
export function resolveTexts(field: usize, rowCount: u32): void {
  const tags = load<u32>(field, TAGS) as usize;
  const ids = load<u32>(field, IDS) as usize;
  const words = load<u32>(field, WORDS) as usize;
  for (let row: u32 = 0; row < rowCount; row++) {
    if (load<u8>(tags + row) !== TEXT) continue;
    const facts = load<u32>(words + 8 * row, 4);
    if ((facts & WAITS) === 0) continue;
    const hash = load<u32>(words + 8 * row);
    store<u32>(ids + 4 * row, idOf(field, load<u32>(ids + 4 * row), facts & LENGTH, hash));
  }
}
