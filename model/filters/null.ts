import { z } from 'zod';
import { memoised } from '../rows.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import { isArrayType } from '../types.js';
import { anyElement } from './column-filter.js';
import { FALSE, type Filter, TRUE } from './filter.js';
import { IS_NULL } from './selector.js';

const Schema = z.object({ column: nameSpec });

/** Rows whose cell is null, or holds a null element; an array is tested as a whole. Never unknown. */
export const readNull: SpecReader<Filter> = (json, field) => {
  const { column } = readSpec(Schema, json, field);
  return {
    spec: json,
    inputs: [column],
    form: {
      kind: 'values',
      column,
      numbersOf: () => ({ ranges: [], points: [], forNull: TRUE }),
      texts: { kind: 'points', texts: [], forNull: TRUE },
    },
    predicate(source) {
      const reader = source.column(column);
      if (isArrayType(reader.type))
        return memoised(reader, (cell) => (cell === null ? TRUE : FALSE));
      return memoised(
        reader,
        anyElement((value) => IS_NULL(value)),
      );
    },
  };
};
