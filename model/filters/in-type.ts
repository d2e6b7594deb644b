import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import { elementType } from '../types.js';
import type { Filter } from './filter.js';
import { memberOf, membersForm, memberTexts, nullMember } from './in.js';
import {
  listKey,
  listLiteral,
  matchList,
  matchTypeSpec,
  matchValueSpec,
  typedFilter,
} from './typed.js';

const valuesSpec = z.array(matchValueSpec.nullable()).nullish();
const Schema = z.object({
  column: nameSpec,
  matchValueType: matchTypeSpec,
  values: valuesSpec,
  sortedValues: valuesSpec,
});

/** Typed membership; `sortedValues` is `values` with a promise that we do not need. */
export const readInType: SpecReader<Filter> = (json, field) => {
  const spec = readSpec(Schema, json, field);
  const values = spec.values ?? spec.sortedValues;
  if (!values || (spec.values && spec.sortedValues)) {
    throw new UserError(
      `${field}.values: want exactly one of "values" and "sortedValues"`,
      'query',
      `${field}.values`,
    );
  }
  const at = `${field}.${spec.values ? 'values' : 'sortedValues'}`;
  const lists = values.map((value, i) =>
    value === null ? null : matchList(value, spec.matchValueType, `${at}[${i}]`),
  );
  const scalars = lists.flatMap((list) => (list?.length === 1 ? list : []));
  // Of the values as they were given: lists of other lengths equal no single value, and yet leave null unknown.
  const forNull = nullMember(lists);
  return typedFilter({
    spec: json,
    column: spec.column,
    intervals: null,
    forNullList: forNull,
    testOf: (type) => memberOf(scalars, type, forNull),
    numbersOf: (type) => membersForm(scalars, type, forNull),
    texts: memberTexts(scalars, forNull),
    listTestOf: (type) => {
      const keys = new Set<string>();
      for (const list of lists) {
        const literal = list === null ? null : listLiteral(list, elementType(type));
        if (literal !== null) keys.add(listKey(literal));
      }
      return (cell) => keys.has(listKey(cell));
    },
  });
};
