/**
 * The NDJSON kernel: cuts lines of plain JSON records into columns. It knows nothing of objects and
 * allocates nothing per row: all is loads and stores in linear memory. Whatever is not plain (escapes,
 * nested values, keys that stand twice, odd numbers) is given back to the owner line by line.
 */
import { idOf, initDictionary, keyOf } from './dictionary';
import {
  ABSENT,
  countOfFields,
  IDS,
  IS_TIME,
  KEY,
  KEY_LENGTH,
  MAX_FIELDS,
  newField,
  TAGS,
  WORDS,
} from './field';
import { allocate } from './memory';
import { hashOf } from './text';

export { emptyDictionary } from './dictionary';
export { allocate, memoryBytes } from './memory';
export { powersOfFive } from './rounding';
export { at, nameEnd, nameStart, readLines, rowCount, setRowCount } from './rows';
export { resolveTexts } from './texts';

/**
 * Makes a field of the name of `length` UTF-8 bytes at `name`, which is to have a column of `capacity` rows; 0
 * when there are too many.
 */
export function addField(name: usize, length: u32, isTime: bool, capacity: u32): usize {
  if (countOfFields() === MAX_FIELDS) return 0;
  const field = newField(hashOf(name, length));
  const key = allocate(length + 3);
  store<u8>(key, 34);
  memory.copy(key + 1, name, length);
  store<u16>(key + 1 + length, 0x3a22);
  store<u32>(field, key as u32, KEY);
  store<u32>(field, length + 3, KEY_LENGTH);
  store<u32>(field, isTime ? 1 : 0, IS_TIME);
  store<u32>(field, allocate(capacity) as u32, TAGS);
  store<u32>(field, allocate(4 * capacity) as u32, IDS);
  store<u32>(field, allocate(8 * capacity) as u32, WORDS);
  initDictionary(field);
  clearColumn(field, capacity);
  return field;
}

/** Makes the first `rowCount` entries of the field's column absent. */
export function clearColumn(field: usize, rowCount: u32): void {
  memory.fill(load<u32>(field, TAGS), ABSENT, rowCount);
  memory.fill(load<u32>(field, IDS), 0, 4 * rowCount);
}

/** The tags that occur in the first `rowCount` entries of the field's column, or-ed. */
export function tagsOf(field: usize, rowCount: u32): u32 {
  const tags = load<u32>(field, TAGS) as usize;
  let all = v128.splat<u8>(0);
  let row: u32 = 0;
  for (; row + 16 <= rowCount; row += 16) all = v128.or(all, v128.load(tags + row));
  const both = v128.extract_lane<u64>(all, 0) | v128.extract_lane<u64>(all, 1);
  let folded = (both | (both >>> 32)) as u32;
  folded |= folded >>> 16;
  folded |= folded >>> 8;
  for (; row < rowCount; row++) folded |= load<u8>(tags + row);
  return folded & 0xff;
}

/** The id of the text of `length` well-formed bytes at `text` in the field's dictionary. */
export function internText(field: usize, text: usize, length: u32): u32 {
  return idOf(field, text, keyOf(hashOf(text, length), length));
}
