import { type JsonObject, stringifyJson } from '../../core/index.js';
import { type InputBatch, valueIn } from '../input/batch.js';
import { readInputs } from '../input/read-inputs.js';
import type { InputEnvironment, SliceFiles } from '../input/sources/source.js';
import { BatchReader, type ReadBatch } from '../rows/batch-reader.js';
import { columnsOf, dimensionsOf } from './describe.js';
import { recordOf } from './json-value.js';
import { byLines } from './line-chunks.js';
import { type SampledRow, SampledRows } from './sampled-rows.js';
import type { SamplerLimits, SamplerSpec } from './sampler-spec.js';

/** An entry of the answer. */
interface Entry {
  /** The record as it came; null where it could not be read. */
  readonly input: JsonObject | null;
  /** What it became; null where it became nothing, or went into an earlier row. */
  readonly row: SampledRow | null;
  /** Of a bad record, or of one with values that do not fit. */
  readonly error: string | null;
  /** Why it is thrown away. */
  readonly dropped: string | null;
}

/**
 * Reads the first rows of a task's input and tells what would become of them, as Druid's sampler answers. Nothing is written. In
 * the order of reading there is an entry per bad record and per row that results.
 */
export async function sample(
  { task, limits }: SamplerSpec,
  slices: readonly SliceFiles[],
  environment: InputEnvironment,
): Promise<JsonObject> {
  const reader = new BatchReader(task);
  const rows = new SampledRows(task);
  const entries: Entry[] = [];
  const deadlineMs = environment.clock.nowMs() + limits.timeoutMs;
  let inputBytes = 0;
  const batches = readInputs(task.inputs, slices, environment, byLines);
  for await (const batch of batches) {
    const room = limits.rows - entries.length;
    for (const { input, reason } of batch.bad) entries.push(badEntry(input, reason));
    const some = firstRows(batch, room);
    entries.push(...rowEntries(some, reader.read(some), rows, reader.dimensions));
    inputBytes += batch.bytes;
    const isLate = environment.clock.nowMs() >= deadlineMs;
    if (entries.length >= limits.rows || inputBytes >= limits.inputBytes || isLate) break;
  }
  const { dimensions } = reader;
  const shown = entries.slice(0, limits.rows);
  const data = withinBytes(
    shown.map((entry) => entryJson(entry, entry.row && rows.parsed(entry.row, dimensions))),
    limits,
  );
  const seen = shown.slice(0, data.length);
  const schema = columnsOf(dimensions, task.metrics);
  return {
    numRowsRead: seen.length,
    numRowsIndexed: seen.filter(
      ({ row, error, dropped }) => row !== null || (error ?? dropped) === null,
    ).length,
    logicalDimensions: dimensionsOf(dimensions),
    physicalDimensions: dimensionsOf(dimensions),
    logicalSegmentSchema: schema,
    physicalSegmentSchema: schema,
    data: data.filter((_, i) => isShown(seen[i]!, limits)),
  };
}

/** A row that went into an earlier one has no entry of its own. */
const isShown = ({ row, error, dropped }: Entry, { showDropped }: SamplerLimits): boolean =>
  row !== null || error !== null || (showDropped && dropped !== null);

const badEntry = (input: string, error: string): Entry => {
  return { input: null, row: null, dropped: null, error: `${error} (record: ${input})` };
};

/** The batch with its first rows only, at least none. */
function firstRows(batch: InputBatch, count: number): InputBatch {
  const rowCount = Math.max(0, Math.min(batch.rowCount, count));
  if (rowCount === batch.rowCount) return batch;
  const cut = (columns: InputBatch['columns']): InputBatch['columns'] =>
    new Map(
      [...columns].map(([name, column]) => {
        const values = Array.from({ length: rowCount }, (_, row) => valueIn(column, row));
        return [name, values];
      }),
    );
  const { roots } = batch;
  return { ...batch, rowCount, columns: cut(batch.columns), ...(roots && { roots: cut(roots) }) };
}

function rowEntries(
  batch: InputBatch,
  { cursor, kept, fates }: ReadBatch,
  rows: SampledRows,
  dimensions: BatchReader['dimensions'],
): Entry[] {
  const made = rows.add(cursor, kept, dimensions);
  const byRow = new Map(Array.from(kept, (row, i) => [row, made[i] ?? null]));
  return Array.from({ length: batch.rowCount }, (_, row) => {
    const error = fates.lost.get(row)?.reason ?? fates.errors.get(row)?.join('; ') ?? null;
    return {
      input: recordOf(batch, row),
      row: byRow.get(row) ?? null,
      error,
      dropped: error === null && !byRow.has(row) ? fates.whyThrownAway(row) : null,
    };
  });
}

function entryJson({ input, error, dropped }: Entry, parsed: object | null): JsonObject {
  return {
    ...(input && { input }),
    ...(parsed && { parsed }),
    ...(error !== null && { unparseable: true, error }),
    ...(dropped !== null && { dropped: true, error: dropped }),
  };
}

/** The first entries, up to the one that goes beyond the limit. */
function withinBytes(
  entries: readonly JsonObject[],
  { answerBytes }: SamplerLimits,
): readonly JsonObject[] {
  if (answerBytes === Number.POSITIVE_INFINITY) return entries;
  let bytes = 0;
  const last = entries.findIndex((entry) => {
    bytes += Buffer.byteLength(stringifyJson(entry));
    return bytes > answerBytes;
  });
  return last < 0 ? entries : entries.slice(0, last + 1);
}
