import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import { elementType } from '../types.js';
import { onlyText } from './equals.js';
import type { Filter } from './filter.js';
import { memberOf } from './in.js';
import { listLiteral, matchList, matchTypeSpec, matchValueSpec, typedFilter } from './typed.js';

const Schema = z.object({
  column: nameSpec,
  elementMatchValueType: matchTypeSpec,
  elementMatchValue: matchValueSpec.nullish(),
});

/** Arrays that hold an element, null included; other columns act as arrays of one. */
export const readArrayContainsElement: SpecReader<Filter> = (json, field) => {
  const spec = readSpec(Schema, json, field);
  const value = spec.elementMatchValue ?? null;
  const at = `${field}.elementMatchValue`;
  const text = value === null ? null : onlyText(matchList(value, spec.elementMatchValueType, at));
  if (value !== null && text === null) {
    throw new UserError(`${at}: want a single value, or null`, 'query', at);
  }
  return typedFilter({
    spec: json,
    column: spec.column,
    intervals: null,
    testOf: (type) => memberOf([text], type),
    listTestOf: (type) => {
      const literal = listLiteral([text], elementType(type));
      return (cell) => literal !== null && cell.includes(literal[0] ?? null);
    },
  });
};
