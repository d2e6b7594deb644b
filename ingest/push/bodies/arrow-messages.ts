import { FlatBuffer, type FlatTable } from './flat-buffer.js';

/** A file begins and ends with it. */
const MAGIC = 'ARROW1';
const CONTINUATION = 0xffffffff;

/** Of the place of a message in a footer: offset, size of the metadata, size of the body. */
const BLOCK_BYTES = 24;

/** How deep lists and structs may be nested. */
const MAX_DEPTH = 32;

/** Kinds of messages. */
const [SCHEMA, DICTIONARY_BATCH, RECORD_BATCH] = [1, 2, 3];

/** Types that have more than plain fields. */
const [TIMESTAMP, UNION] = [10, 14];

/**
 * Checks the messages of an Arrow IPC stream or file as far as the library trusts them, so that no damaged or
 * hostile body can make it loop or allocate beyond all bounds. Throws an Error. Field numbers are
 * those of Message.fbs, Schema.fbs and File.fbs of Arrow's format.
 *
 *     message   u32: 0xffffffff (older writers leave it out); u32: size of the metadata, 0 at the end;
 *               metadata, a FlatBuffer; body
 *     file      magic, two bytes; messages; footer, a FlatBuffer; u32: its size; magic
 */
export function checkMessages(body: Uint8Array): void {
  if (Buffer.from(body.subarray(0, MAGIC.length)).equals(Buffer.from(MAGIC))) checkFile(body);
  else {
    let at = 0;
    while (at < body.length) {
      const bytes = messageAt(body, at);
      if (bytes === 0) break;
      at += bytes;
    }
  }
}

/** The messages that the footer names; together they are not larger than the file. */
function checkFile(file: Uint8Array): void {
  const end = file.length - MAGIC.length - 4;
  const footerSize = new DataView(file.buffer, file.byteOffset).getUint32(end, true);
  if (footerSize > end) throw new Error('its footer is longer than it');
  const footer = new FlatBuffer(file.subarray(end - footerSize, end)).root;
  const schema = footer.table(1);
  if (schema !== null) checkSchema(schema);
  checkTexts(footer, 4);
  let bytes = 0;
  for (const start of [...footer.structs(2, BLOCK_BYTES), ...footer.structs(3, BLOCK_BYTES)]) {
    bytes += messageAt(file, start);
    if (bytes > file.length) throw new Error('it names messages twice');
  }
}

/** Checks the message at this place; its size, 0 at the end of a stream. */
function messageAt(bytes: Uint8Array, start: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = view.getUint32(start, true) === CONTINUATION ? start + 4 : start;
  const size = at < bytes.length ? view.getUint32(at, true) : 0;
  if (size === 0) return 0;
  at += 4;
  if (size > bytes.length - at) throw new Error('it ends within a message');
  at += size + checkMessage(new FlatBuffer(bytes.subarray(at, at + size)).root);
  if (at > bytes.length) throw new Error('it ends within a message');
  return at - start;
}

/** Checks the metadata of a message; the size of its body. */
function checkMessage(message: FlatTable): number {
  const kind = message.u8(1);
  const header = message.table(2);
  const bodyBytes = message.size(3);
  checkTexts(message, 4);
  if (header === null) throw new Error('a message of it has no header');
  if (kind === SCHEMA) checkSchema(header);
  else if (kind === RECORD_BATCH) checkBatch(header, bodyBytes);
  else if (kind === DICTIONARY_BATCH) {
    const batch = header.table(1);
    if (batch !== null) checkBatch(batch, bodyBytes);
  } else throw new Error(`a message of it is of kind ${kind}`);
  return bodyBytes;
}

function checkSchema(schema: FlatTable): void {
  for (const field of schema.tables(1)) checkField(field, 0);
  checkTexts(schema, 2);
  schema.checkVector(3, 8);
}

function checkField(field: FlatTable, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} levels deep`);
  field.checkVector(0, 1);
  const kind = field.u8(2);
  const type = field.table(3);
  if (kind === TIMESTAMP) type?.checkVector(1, 1);
  if (kind === UNION) type?.checkVector(1, 4);
  field.table(4)?.table(1);
  for (const child of field.tables(5)) checkField(child, depth + 1);
  checkTexts(field, 6);
}

/** Lengths of columns and places of buffers; a value takes a bit at least, save where all are null. */
function checkBatch(batch: FlatTable, bodyBytes: number): void {
  const rowCount = batch.size(0);
  for (const [count] of batch.pairs(1)) {
    if (count > Math.max(rowCount, 8 * bodyBytes)) throw new Error(`it claims ${count} values`);
  }
  for (const [offset, size] of batch.pairs(2)) {
    if (offset + size > bodyBytes) throw new Error('a buffer of it lies outside');
  }
  if (batch.table(3) !== null) throw new Error('its buffers are compressed; send them plain');
  batch.checkVector(4, 8);
}

/** A vector of keys and values. */
function checkTexts(table: FlatTable, field: number): void {
  for (const pair of table.tables(field)) {
    pair.checkVector(0, 1);
    pair.checkVector(1, 1);
  }
}
