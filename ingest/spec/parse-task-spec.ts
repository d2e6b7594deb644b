import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { parseInputFormat } from '../input/formats/registry.js';
import { parseInputSource } from '../input/sources/registry.js';
import type { InputSource, TableSource } from '../input/sources/source.js';
import { readSchema, type Schema } from './data-schema.js';
import { flagField, jsonField, readFields, readObject, shown } from './fields.js';
import { checkName } from './names.js';
import { Problems } from './problems.js';
import type { TaskInput, TaskSpec } from './task-spec.js';
import { readTuning } from './tuning.js';

const SCHEMA = 'spec.dataSchema';
const IO = 'spec.ioConfig';

const IoConfig = z.object({
  inputSource: jsonField,
  inputFormat: jsonField,
  firehose: jsonField,
  appendToExisting: flagField(false),
  dropExisting: flagField(false),
});

type Io = Pick<TaskSpec, 'append' | 'dropExisting' | 'inputs'>;

/**
 * Reads an `index_parallel` or `index` task. Throws one UserError of kind 'spec' that names every
 * problem: the path of the field, its value and what to write instead.
 */
export function parseTaskSpec(json: unknown): TaskSpec {
  const task = readObject(json, 'task');
  const type = task.type === 'index' ? 'index' : 'index_parallel';
  const problems = new Problems();
  const spec = problems.collect('spec', () => readObject(task.spec, 'spec')) ?? {};
  problems.throwIfAny();
  const id = problems.collect('id', () => readId(task.id));
  const schema = problems.collect(SCHEMA, () => readSchema(spec.dataSchema, SCHEMA, problems));
  const io = problems.collect(IO, () => readIo(spec, schema ?? null, problems));
  const tuning = problems.collect('spec.tuningConfig', () =>
    readTuning(spec.tuningConfig ?? {}, 'spec.tuningConfig', io?.append ?? false),
  );
  if (io?.dropExisting && schema?.granularity.intervals === null) {
    problems.add(
      `${SCHEMA}.granularitySpec.intervals`,
      'ioConfig.dropExisting drops what lies in them; got nothing; give the intervals, or set dropExisting to false',
    );
  }
  problems.throwIfAny();
  const { named: _, keepsNullElements: __, ...stored } = schema!;
  return { type, id, ...stored, ...io!, tuning: tuning!, json: task };
}

/** The client's id for the task; null when there is none. */
const readId = (id: unknown): string | null =>
  id === undefined || id === null ? null : checkName(id, 'id');

function readIo(spec: JsonObject, schema: Schema | null, problems: Problems): Io {
  const io = readFields(IoConfig, spec.ioConfig, IO);
  if (io.firehose !== undefined && io.firehose !== null) {
    problems.add(
      `${IO}.firehose`,
      `firehoses are a legacy of Druid; use ioConfig.inputSource and inputFormat; got ${shown(io.firehose)}`,
    );
  }
  if (io.appendToExisting && io.dropExisting) {
    problems.add(
      `${IO}.dropExisting`,
      'true cannot go with appendToExisting: true; set one of them to false',
    );
  }
  const inputs = readInputs(io.inputSource, io.inputFormat, schema, problems);
  // The flags count even where the source is wrong: the tuning depends on them.
  return { inputs, append: io.appendToExisting, dropExisting: io.dropExisting };
}

/** What the source says and how it is read; a source of tables only needs no format. */
function readInputs(
  inputSource: unknown,
  inputFormat: unknown,
  schema: Schema | null,
  problems: Problems,
): TaskInput[] {
  const sources = problems.collect(`${IO}.inputSource`, () =>
    parseInputSource(inputSource, `${IO}.inputSource`),
  );
  const format = sources?.every(isTable)
    ? null
    : problems.collect(`${IO}.inputFormat`, () =>
        parseInputFormat(inputFormat, `${IO}.inputFormat`, {
          named: schema?.named ?? new Set(),
          keepsNullElements: schema?.keepsNullElements ?? (() => false),
          timeColumn: schema?.timestamp.column ?? null,
        }),
      );
  return (sources ?? []).flatMap((source): TaskInput[] => {
    if (isTable(source)) return [{ source, format: null }];
    return format === null ? [] : [{ source, format }];
  });
}

const isTable = (source: InputSource): source is TableSource => 'table' in source;
