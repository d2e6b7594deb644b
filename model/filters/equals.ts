import { z } from 'zod';
import { parseExactLong } from '../decimal.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import { elementType } from '../types.js';
import { NEVER } from './column-filter.js';
import type { Filter } from './filter.js';
import { UNKNOWN } from './filter.js';
import { literalText } from './literal.js';
import { NO_NUMBER, pointsForm } from './number-form.js';
import { equalsLiteral } from './selector.js';
import { textTest } from './text-test.js';
import { timeBounds } from './time-bounds.js';
import {
  listKey,
  listLiteral,
  type MatchList,
  matchList,
  matchTypeSpec,
  matchValueSpec,
  typedFilter,
} from './typed.js';

const Schema = z.object({
  column: nameSpec,
  matchValueType: matchTypeSpec,
  matchValue: matchValueSpec,
});

/** Typed equality, unknown for null. A list of one and its element equal each other. */
export const readEquals: SpecReader<Filter> = (json, field) => {
  const { column, matchValueType, matchValue } = readSpec(Schema, json, field);
  const list = matchList(matchValue, matchValueType, `${field}.matchValue`);
  const only = onlyText(list);
  const exact = only === null ? null : parseExactLong(only);
  return typedFilter({
    spec: json,
    column,
    intervals: exact === null ? null : timeBounds(column, exact, exact),
    testOf: (type) => (only === null ? NEVER : equalsLiteral(literalText(only, type), type)),
    numbersOf: (type) =>
      only === null ? NO_NUMBER : pointsForm([literalText(only, type)], UNKNOWN),
    texts: textTest({ kind: 'points', texts: only === null ? [] : [only] }, UNKNOWN),
    listTestOf: (type) => {
      const literal = listLiteral(list, elementType(type));
      const key = literal === null ? null : listKey(literal);
      return (cell) => listKey(cell) === key;
    },
  });
};

/** The text of a list of one; null for any other list. */
export const onlyText = (list: MatchList): string | null => (list.length === 1 ? list[0]! : null);
