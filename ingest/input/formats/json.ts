import { z } from 'zod';
import type { JsonObject } from '../../../core/index.js';
import { flagField, jsonField, readFields } from '../../spec/fields.js';
import type { InputBatch } from '../batch.js';
import { BatchBuilder } from '../batch-builder.js';
import { readLines } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import { type Flattener, readFlattenSpec } from './flatten.js';
import type { InputFormat } from './format.js';
import { JsonRecords, type RecordSink } from './json-records.js';

const JsonSpec = z.object({ flattenSpec: jsonField, keepNullColumns: flagField(false) });

/** JSON objects: one a line, several a line, or over several lines. */
export function readJsonFormat(
  json: unknown,
  field: string,
  named: ReadonlySet<string>,
): InputFormat {
  const { flattenSpec, keepNullColumns } = readFields(JsonSpec, json, field);
  const flattener = readFlattenSpec(flattenSpec, `${field}.flattenSpec`, named);
  return {
    type: 'json',
    read: (entity) => readBatches(entity, flattener, keepNullColumns),
  };
}

async function* readBatches(
  entity: InputEntity,
  flattener: Flattener,
  keepNulls: boolean,
): AsyncGenerator<InputBatch> {
  const builder = new BatchBuilder();
  const records = new JsonRecords(new RecordColumns(builder, keepNulls));
  const flat = () => flattened(builder.take(), flattener);
  for await (const block of readLines(entity.chunks())) {
    builder.addBytes(block.bytes);
    builder.addBad(block.bad);
    for (const line of block.lines) {
      records.line(line);
      if (builder.isFull) yield flat();
    }
    if (builder.isHeavy) yield flat();
  }
  records.end();
  if (!builder.isEmpty) yield flat();
}

function flattened(batch: InputBatch, flattener: Flattener): InputBatch {
  return { ...batch, columns: flattener.flatten(batch.columns, batch.rowCount) };
}

/** Writes the fields of records into columns. */
class RecordColumns implements RecordSink {
  constructor(
    private readonly builder: BatchBuilder,
    private readonly keepNulls: boolean,
  ) {}

  record(record: JsonObject): void {
    const { builder, keepNulls } = this;
    for (const name in record) {
      const value = record[name];
      // A field that is null everywhere is not discovered.
      if (value !== null || keepNulls || builder.has(name)) builder.set(name, value);
    }
    builder.endRow();
  }

  bad(input: string, reason: string): void {
    this.builder.lose(input, reason);
  }
}
