import {
  ABSENT,
  countOfFields,
  FALSE_ID,
  fieldAt,
  firstOfHash,
  IDS,
  IS_TIME,
  KEY,
  KEY_LENGTH,
  NEXT,
  NULL,
  nextOfHash,
  OTHER,
  ROOT,
  TAGS,
  TIME,
  TRUE_ID,
  WORDS,
} from './field';
import { equalBytes } from './memory';
import { digitAt, numberTag, numberWord, readNumber } from './number';
import { isAscii, scanText, textEnd, textHash } from './text';
import { storeText } from './texts';
import { readTime, timeForm, timeMs } from './time';
import { isUtf8 } from './utf8';

/** How `readLines` came to its end. */
const ALL_READ: i32 = 0;
const FULL: i32 = 1;
/** The line at `at` is not a plain record: it is for others to read. */
const SURPRISE: i32 = 2;
/** The record at `at` has a field of the name [nameStart, nameEnd) that is not known. */
const NEW_FIELD: i32 = 3;

/** Where the next line begins. */
export let at: usize = 0;
/** Rows of the batch so far. */
export let rowCount: u32 = 0;
export let nameStart: usize = 0;
export let nameEnd: usize = 0;

/** Sets how many rows the batch has. */
export function setRowCount(count: u32): void {
  rowCount = count;
}

/**
 * Reads the lines in [from, end) as rows of the batch until it has `capacity` of them. There is a
 * line feed at end - 1 and PADDING behind it. `lines` takes two u32 for each row: where its line begins and
 * where it ends, in bytes from `base`. Lines of more than `maxBytes` are surprises.
 */
export function readLines(
  from: usize,
  end: usize,
  capacity: u32,
  lines: usize,
  base: usize,
  maxBytes: usize,
): i32 {
  at = from;
  while (at < end) {
    let p = skipBlanks(at);
    const first = load<u8>(p);
    if (first === 10) {
      at = p + 1;
      continue;
    }
    if (rowCount === capacity) return FULL;
    if (first !== 123) return SURPRISE;
    nameStart = 0;
    p = readRecord(p + 1, rowCount);
    if (p === 0 || p - at > maxBytes) {
      clearRow(rowCount);
      return nameStart === 0 ? SURPRISE : NEW_FIELD;
    }
    store<u32>(lines + 8 * rowCount, (at - base) as u32);
    store<u32>(lines + 8 * rowCount, (p - base) as u32, 4);
    rowCount++;
    at = p + 1;
  }
  return ALL_READ;
}

/** JSON's blanks, but for the line feed: the line ends there. */
function skipBlanks(p: usize): usize {
  let byte = load<u8>(p);
  while (byte === 32 || byte === 9 || byte === 13) byte = load<u8>(++p);
  return p;
}

/** Takes back what a row has so far. */
function clearRow(row: u32): void {
  const count = countOfFields();
  for (let i: u32 = 0; i < count; i++) {
    const field = fieldAt(i);
    store<u8>(load<u32>(field, TAGS) + row, ABSENT);
    store<u32>(load<u32>(field, IDS) + 4 * row, 0);
  }
}

/** Reads what comes behind the brace of a record, up to the end of its line; 0 when that is not plain. */
function readRecord(p: usize, row: u32): usize {
  let previous = ROOT;
  p = skipBlanks(p);
  if (load<u8>(p) === 125) return lineEnd(p + 1);
  while (true) {
    const field = fieldOf(p, previous);
    if (field === 0) return 0;
    p = skipBlanks(afterKey);
    const tags = load<u32>(field, TAGS) + row;
    // A key that stands twice.
    if (load<u8>(tags) !== ABSENT) return 0;
    p = readValue(p, field, row, tags);
    if (p === 0) return 0;
    let byte = load<u8>(p);
    if (byte !== 44) {
      p = skipBlanks(p);
      byte = load<u8>(p);
      if (byte === 125) return lineEnd(p + 1);
      if (byte !== 44) return 0;
    }
    p++;
    if (load<u8>(p) !== 34) p = skipBlanks(p);
    previous = field;
  }
}

/** The line feed when nothing else comes before it, else 0. */
function lineEnd(p: usize): usize {
  if (load<u8>(p) === 10) return p;
  p = skipBlanks(p);
  return load<u8>(p) === 10 ? p : 0;
}

/** Behind the key and its colon. */
let afterKey: usize = 0;

/** The field of the key at `p`: most likely the one that came behind `previous` before, or the one behind that. */
function fieldOf(p: usize, previous: usize): usize {
  let field = load<u32>(previous, NEXT) as usize;
  if (field !== 0) {
    if (isKey(p, field)) return field;
    field = load<u32>(field, NEXT);
    if (field !== 0 && isKey(p, field)) return field;
  }
  field = searchField(p);
  if (field !== 0) store<u32>(previous, field as u32, NEXT);
  return field;
}

function isKey(p: usize, field: usize): bool {
  const length = load<u32>(field, KEY_LENGTH);
  if (!equalBytes(p, load<u32>(field, KEY), length)) return false;
  afterKey = p + length;
  return true;
}

function searchField(p: usize): usize {
  if (load<u8>(p) !== 34 || !scanText(p + 1)) return 0;
  const end = textEnd;
  const hash = textHash;
  const colon = skipBlanks(end + 1);
  if (load<u8>(colon) !== 58) return 0;
  afterKey = colon + 1;
  const length = (end + 1 - p) as u32;
  for (let field = firstOfHash(hash); field !== 0; field = nextOfHash(hash)) {
    const isSame = load<u32>(field, KEY_LENGTH) === length + 1;
    if (isSame && equalBytes(p, load<u32>(field, KEY), length)) return field;
  }
  nameStart = p + 1;
  nameEnd = end;
  return 0;
}

/** Reads the value at `p` into the field's column and gives where it ends, or 0. */
function readValue(p: usize, field: usize, row: u32, tags: usize): usize {
  const first = load<u8>(p);
  if (first === 34) return readText(p + 1, field, row, tags);
  if (first === 45 || digitAt(p) <= 9) {
    p = readNumber(p);
    store<u8>(tags, numberTag);
    store<u64>(load<u32>(field, WORDS) + 8 * row, numberWord);
    return p;
  }
  const word = load<u32>(p);
  if (word === 0x6c6c756e) {
    store<u8>(tags, NULL);
    return p + 4;
  }
  const isTrue = word === 0x65757274;
  if (!isTrue && (word !== 0x736c6166 || load<u8>(p, 4) !== 101)) return 0;
  store<u8>(tags, OTHER);
  store<u32>(load<u32>(field, IDS) + 4 * row, isTrue ? TRUE_ID : FALSE_ID);
  return p + (isTrue ? 4 : 5);
}

function readText(p: usize, field: usize, row: u32, tags: usize): usize {
  if (!scanText(p)) return 0;
  const end = textEnd;
  const length = (end - p) as u32;
  if (!isAscii && !isUtf8(p, end)) return 0;
  if (load<u32>(field, IS_TIME) !== 0 && readTime(p, length)) {
    store<u8>(tags, TIME);
    store<u32>(load<u32>(field, IDS) + 4 * row, timeForm);
    store<f64>(load<u32>(field, WORDS) + 8 * row, timeMs);
    return end + 1;
  }
  storeText(field, row, p, length, textHash);
  return end + 1;
}
