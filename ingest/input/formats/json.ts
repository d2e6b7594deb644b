import { z } from 'zod';
import type { JsonObject } from '../../../core/index.js';
import { jsonField, readFields } from '../../spec/fields.js';
import type { InputBatch } from '../batch.js';
import { BatchBuilder } from '../batch-builder.js';
import { linesOf } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import { type Flatten, readFlattenSpec } from './flatten.js';
import type { InputFormat } from './format.js';
import { JsonRecords } from './json-records.js';

const JsonSpec = z.object({ flattenSpec: jsonField });

/**
 * JSON objects: one on a line, several on a line, or one over several lines. 64-bit integers are exact.
 * A bad line costs no other record.
 */
export function readJsonFormat(
  json: unknown,
  field: string,
  named: ReadonlySet<string>,
): InputFormat {
  const { flattenSpec } = readFields(JsonSpec, json, field);
  const flatten = readFlattenSpec(flattenSpec, `${field}.flattenSpec`, named);
  return { type: 'json', read: (entity) => readJson(entity, flatten) };
}

async function* readJson(entity: InputEntity, flatten: Flatten): AsyncIterable<InputBatch> {
  let batch = new BatchBuilder();
  const records = new JsonRecords({
    record: (record) => addRecord(batch, record),
    bad: (input, reason) => batch.bad(input, reason),
  });
  for await (const { texts, bad, bytes } of linesOf(entity.chunks())) {
    batch.addBad(bad);
    for (const line of texts) records.line(line);
    yield flattened(batch.build(bytes), flatten);
    batch = new BatchBuilder();
  }
  records.end();
  if (!batch.isEmpty) yield flattened(batch.build(0), flatten);
}

function addRecord(batch: BatchBuilder, record: JsonObject): void {
  for (const name in record) batch.set(name, record[name]);
  batch.endRecord();
}

const flattened = (batch: InputBatch, flatten: Flatten): InputBatch => ({
  ...batch,
  columns: flatten(batch.columns),
});
