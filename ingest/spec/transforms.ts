import { z } from 'zod';
import { type Expression, parseExpression, parseFilter } from '../../model/index.js';
import { jsonField, readFields, requiredText } from './fields.js';
import type { Problems } from './problems.js';
import type { TaskSpec, Transform } from './task-spec.js';

const TransformSpec = z.object({
  transforms: z.array(jsonField, { error: 'want a list' }).nullish(),
  filter: jsonField,
});

const TransformFields = z.object({
  type: z.literal('expression', { error: 'the only type of transform is "expression"' }),
  name: requiredText,
  expression: requiredText,
});

/** The transforms and the filter of a task. */
export interface Transforms extends Pick<TaskSpec, 'transforms' | 'filter'> {
  /** Fields that transforms and filter read. */
  readonly inputs: readonly string[];
}

/** Reads a `transformSpec`; expressions are checked now. */
export function readTransforms(json: unknown, field: string, problems: Problems): Transforms {
  const spec = readFields(TransformSpec, json, field);
  const read = problems.each(spec.transforms, `${field}.transforms`, readTransform);
  const names = new Set<string>();
  for (const { name } of read) {
    if (names.has(name)) {
      problems.add(
        `${field}.transforms`,
        `the name ${JSON.stringify(name)} stands twice; rename one`,
      );
    }
    names.add(name);
  }
  const filter =
    spec.filter === undefined || spec.filter === null
      ? null
      : problems.collect(`${field}.filter`, () => parseFilter(spec.filter, `${field}.filter`));
  return {
    transforms: read.map(({ name, expression }) => ({ name, expression })),
    filter,
    inputs: [...read.flatMap(({ parsed }) => parsed.inputs), ...(filter?.inputs ?? [])],
  };
}

function readTransform(json: unknown, field: string): Transform & { parsed: Expression } {
  const { name, expression } = readFields(TransformFields, json, field);
  return { name, expression, parsed: parseExpression(expression, `${field}.expression`) };
}
