import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGranularity } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import { scanEngineOf } from '../engines/registry.js';
import { DimensionValues } from '../interpreter/group-table.js';
import { parseNativeQuery } from '../native/registry.js';
import type { TypesOf } from '../plan/column-facts.js';
import { KnownCodes, knownKeys } from './known-keys.js';

const values = () => new KnownCodes(() => new DimensionValues());
/** Nothing is asked of it. */
const tree = () => ({}) as Segment;

describe('codes', () => {
  test('have the number of their value, in whatever trees they are', () => {
    const dictionaries = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', null)), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(dictionaries, (texts) => {
        const known = values();
        const trees = texts.map(tree);
        // The second time nothing is looked up.
        for (let round = 0; round < 2; round++) {
          const keys = known.forCodes(texts.flat().length);
          const found = texts.map((dictionary, i) => {
            const ofTree = keys.ofTree(trees[i]!, dictionary.length);
            return dictionary.map((text, code) => {
              if (ofTree[code] === 0) ofTree[code] = keys.number(text) + 1;
              return keys.values[ofTree[code]! - 1];
            });
          });
          expect(found).toEqual(texts);
          expect(keys.values).toHaveLength(new Set(texts.flat()).size);
        }
      }),
    );
  });

  test('that are too many are known to nobody else, and all are forgotten before they become too many', () => {
    const known = values();
    const one = tree();
    known.ofTree(one, 2)[0] = known.number('a') + 1;
    expect(known.forCodes(10)).toBe(known);
    expect(known.ofTree(one, 2)[0]).toBe(1);
    const many = known.forCodes(40_000);
    expect(many).not.toBe(known);
    expect(many.values).toEqual([]);
    expect(known.values).toEqual(['a']);
    expect(known.forCodes(32_768)).toBe(known);
    expect(known.values).toEqual([]);
    expect(known.ofTree(one, 2)[0]).toBe(0);
  });
});

const TYPES: TypesOf = new Map([['s', 'STRING']]);
const virtualColumn = (expression: string) => ({
  virtualColumns: [{ type: 'expression', name: 'v', expression, outputType: 'STRING' }],
});

function keys(other: object, types = TYPES) {
  const query = parseNativeQuery({
    queryType: 'groupBy',
    dataSource: 't',
    intervals: '1970/1971',
    granularity: 'hour',
    dimensions: ['s', 'v'],
    aggregations: [{ type: 'count', name: 'c' }],
    ...virtualColumn('upper(s)'),
    ...other,
  });
  return knownKeys(scanEngineOf(query)!.groups(query)!, query.virtualColumns, types);
}

describe('what is known of keys', () => {
  test('is known to all questions that group by the same', () => {
    const other = keys({ intervals: '2020/2021', filter: { type: 'null', column: 's' } });
    expect(other.time).toBe(keys({}).time);
    for (const i of [0, 1]) expect(other.dimensions[i]).toBe(keys({}).dimensions[i]);
    expect(keys({ dimensions: ['v'] }).dimensions[0]).toBe(keys({}).dimensions[1]);
  });

  test('is not that of other values, times or types', () => {
    const { time, dimensions } = keys({});
    expect(keys(virtualColumn('lower(s)')).dimensions[1]).not.toBe(dimensions[1]);
    const { spec } = parseGranularity('day', '');
    expect(keys({ granularity: spec }).time).not.toBe(time);
    const extracting = { type: 'extraction', dimension: 's', extractionFn: { type: 'upper' } };
    expect(keys({ dimensions: [extracting] }).dimensions[0]).not.toBe(dimensions[0]);
    const types = new Map(TYPES);
    expect(keys({}, types).dimensions[0]).not.toBe(dimensions[0]);
  });
});
