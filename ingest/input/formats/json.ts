import { isJsonObject, parseJson } from '../../../core/index.js';
import type { InputBatch } from '../batch.js';
import { BatchBuilder } from '../batch-builder.js';
import { type Flatten, flattenAll } from '../flatten.js';
import { linesOf } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import type { InputFormat } from './format.js';
import { splitObjects } from './json-objects.js';

/**
 * JSON: an object per line. A line that is not one is tried together with the lines after it, so
 * that objects spread over lines, or several on one line, are read too; a bad line in a file of
 * lines loses only itself. 64-bit integers are exact.
 */
export function jsonFormat(flatten: Flatten = flattenAll): InputFormat {
  return { type: 'json', read: (entity) => readJson(entity, flatten) };
}

async function* readJson(entity: InputEntity, flatten: Flatten): AsyncIterable<InputBatch> {
  let pending = '';
  for await (const { texts, bytes } of linesOf(entity.chunks())) {
    const batch = new BatchBuilder();
    for (const line of texts) pending = addLine(batch, pending, line, flatten);
    if (!batch.isEmpty) yield batch.build(bytes);
  }
  if (pending.trim() === '') return;
  const batch = new BatchBuilder();
  batch.bad(pending, 'the JSON object is not closed');
  yield batch.build(0);
}

/** Adds a line, behind what is pending from the lines before it; gives what is pending now. */
function addLine(batch: BatchBuilder, pending: string, line: string, flatten: Flatten): string {
  if (pending === '') {
    if (line.trim() === '') return '';
    const record = parseObject(line);
    if (record !== null) {
      addRecord(batch, record, flatten);
      return '';
    }
  } else if (startsRecord(line)) {
    // The line stands alone, so what was pending was a broken line, not the first part of an object.
    const record = parseObject(line);
    if (record !== null) {
      batch.bad(pending, reasonOf(pending));
      addRecord(batch, record, flatten);
      return '';
    }
  }
  return addSpread(batch, pending === '' ? line : `${pending}\n${line}`, flatten);
}

/** A record that begins at the first column, as every line of a file of lines does. */
const startsRecord = (line: string): boolean => line.startsWith('{');

/** Takes the complete objects out of a text; gives the unfinished rest. */
function addSpread(batch: BatchBuilder, text: string, flatten: Flatten): string {
  const { objects, rest, isBroken } = splitObjects(text);
  for (const object of objects) {
    const record = parseObject(object);
    if (record === null) batch.bad(object, reasonOf(object));
    else addRecord(batch, record, flatten);
  }
  if (!isBroken) return rest;
  batch.bad(rest, reasonOf(rest));
  return '';
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Why a text is no JSON object. */
function reasonOf(text: string): string {
  try {
    parseJson(text);
    return 'want a JSON object';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function addRecord(
  batch: BatchBuilder,
  record: Readonly<Record<string, unknown>>,
  flatten: Flatten,
): void {
  flatten(record, (name, value) => batch.set(name, value));
  batch.endRecord();
}
