import { describe, expect, test } from 'vitest';
import { UnsupportedError, UserError } from '../../core/index.js';
import { parseFilter } from './registry.js';

function failure(json: unknown): Error {
  try {
    parseFilter(json);
  } catch (error) {
    return error as Error;
  }
  throw new Error('was accepted');
}

describe('bad filters say what is wrong', () => {
  test.each([
    {
      json: { type: 'selectr' },
      message:
        "filter: Could not resolve type id 'selectr' as a subtype of `DimFilter`: known type ids = [and, arrayContainsElement, bloom,",
    },
    { json: {}, message: "filter: missing type id property 'type' of a `DimFilter`" },
    { json: 'x', message: 'filter: want an object with a "type"; got "x"' },
    { json: undefined, message: 'filter: want an object with a "type"; got nothing' },
    {
      json: { type: 'selector', value: 'x' },
      message: 'filter.dimension: must be given, as a text; got nothing',
    },
    {
      json: {
        type: 'and',
        fields: [{ type: 'true' }, { type: 'in', dimension: 'x', values: 'y' }],
      },
      message: 'filter.fields[1].values: want a list of texts or nulls; got "y"',
    },
    { json: { type: 'or', fields: [null] }, message: 'filter.fields: want at least one filter' },
    { json: { type: 'not' }, message: 'filter.field: want an object with a "type"; got nothing' },
    {
      json: { type: 'bound', dimension: 'x' },
      message: 'filter.lower: want at least one of "lower" and "upper"',
    },
    {
      json: { type: 'bound', dimension: 'x', lower: 'a', ordering: 'backwards' },
      message: 'filter.ordering: want one of lexicographic, numeric',
    },
    {
      json: { type: 'range', column: 'x', matchValueType: 'LONG' },
      message: 'filter.lower: want at least one of "lower" and "upper"',
    },
    {
      json: { type: 'equals', column: 'x', matchValueType: 'LONG', matchValue: null },
      message: 'filter.matchValue: want a value of matchValueType (for null, use',
    },
    {
      json: { type: 'inType', column: 'x', matchValueType: 'LONG' },
      message: 'filter.values: want exactly one of "values" and "sortedValues"',
    },
    {
      json: { type: 'like', dimension: 'x', pattern: '%', escape: 'ab' },
      message: 'filter.escape: want a single character; got "ab"',
    },
    {
      json: { type: 'regex', dimension: 'x', pattern: '(' },
      message: 'filter.pattern: the regular expression "("',
    },
    {
      json: { type: 'search', dimension: 'x', query: { type: 'nope' } },
      message: "filter.query: Could not resolve type id 'nope' as a subtype of `SearchQuerySpec`",
    },
    {
      json: { type: 'selector', dimension: 'x', value: 'y', extractionFn: { type: 'nope' } },
      message:
        "filter.extractionFn: Could not resolve type id 'nope' as a subtype of `ExtractionFn`",
    },
    {
      json: { type: 'columnComparison', dimensions: ['x'] },
      message: 'filter.dimensions: want at least two columns',
    },
  ])('$json', ({ json, message }) => {
    const error = failure(json);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).kind).toBe('query');
    expect(error.message).toContain(message);
  });

  test('what Druid has and we refuse names a remedy', () => {
    const error = failure({ type: 'javascript', dimension: 'x', function: 'x => true' });
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toContain('use an "expression" filter');
  });
});

test('accepts what Druid accepts: unknown keys, numbers for texts, texts for booleans', () => {
  const spec = {
    ...{ type: 'bound', dimension: 'x', lower: 1, lowerStrict: 'true', ordering: 'NUMERIC' },
    filterTuning: { useBitmapIndex: true },
  };
  expect(parseFilter(spec).spec).toBe(spec);
});
