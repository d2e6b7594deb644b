import { VarveError } from '../../core/index.js';
import {
  type ColumnReader,
  compileUntyped,
  type Expression,
  parseExpression,
  type TypedValue,
  type Value,
} from '../../model/index.js';
import type { Transform } from '../spec/task-spec.js';
import type { RawColumn } from './raw-column.js';
import type { RawRows } from './raw-rows.js';
import type { RowFates } from './row-fates.js';

/** A transform, parsed once per task. */
export interface ParsedTransform {
  readonly name: string;
  readonly expression: Expression;
}

export const parseTransforms = (transforms: readonly Transform[]): ParsedTransform[] =>
  transforms.map(({ name, expression }, i) => ({
    name,
    expression: parseExpression(expression, `transformSpec.transforms[${i}].expression`),
  }));

/**
 * Evaluates a transform over the wanted rows of a batch. Where each of its inputs has one type in the
 * whole batch it is compiled once; otherwise by each row's own types, so that how rows fall into
 * batches changes nothing. A row on which it fails is lost.
 */
export function runTransform(
  { name, expression }: ParsedTransform,
  rows: RawRows,
  fates: RowFates,
): RawColumn {
  const evaluate = compile(expression, rows);
  const values = new Array<unknown>(rows.rowCount).fill(null);
  const doubles = new Uint8Array(rows.rowCount);
  for (const row of fates.kept()) {
    rows.row = row;
    try {
      const { type, value } = evaluate();
      values[row] = value;
      if (type === 'DOUBLE' || type === 'FLOAT') doubles[row] = 1;
    } catch (error) {
      if (!(error instanceof VarveError) || error.family !== 'user') throw error;
      fates.lose(row, 'transform', `transform ${name}: ${error.message}`);
    }
  }
  return { values, type: null, doubles, tokens: null };
}

function compile(expression: Expression, rows: RawRows): () => TypedValue {
  if (!expression.inputs.every((input) => rows.isUniform(input))) {
    return compileUntyped(expression, { column: (input) => rows.untyped(input) });
  }
  const reader: ColumnReader = expression.compile(rows);
  const result: { type: ColumnReader['type']; value: Value } = { type: reader.type, value: null };
  return () => {
    result.value = reader.get();
    return result;
  };
}
