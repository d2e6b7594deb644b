import type { Disk } from '../../core/index.js';
import type { TaskInput } from '../spec/task-spec.js';
import type { InputBatch } from './batch.js';
import type { InputEntity, InputEnvironment, SliceFiles } from './sources/source.js';

/**
 * All rows of a task, from wherever they come: `slices` are, by input, what a source that is a table reads. `adapt` may
 * change how the bytes of an entity come.
 */
export async function* readInputs(
  inputs: readonly TaskInput[],
  slices: readonly SliceFiles[],
  environment: InputEnvironment,
  adapt: (entity: InputEntity) => InputEntity = (entity) => entity,
): AsyncGenerator<InputBatch> {
  const { disk } = environment;
  for (const [i, input] of inputs.entries()) {
    input.source.check(environment);
    if (input.format === null) yield* tableRows(input.source, disk, slices[i] ?? []);
    else {
      for (const entity of input.source.entities(environment)) {
        for await (const part of entity.parts()) yield* input.format.read(adapt(part), environment);
      }
    }
  }
}

const tableRows = (
  source: Extract<TaskInput, { readonly format: null }>['source'],
  disk: Disk,
  slices: SliceFiles,
): AsyncIterable<InputBatch> => source.batches(disk, slices);
