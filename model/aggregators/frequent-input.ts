import { z } from 'zod';
import { type Long, UserError } from '../../core/index.js';
import type { FrequentState } from '../../sketches/index.js';
import { type ColumnReader, memoised } from '../rows.js';
import { scalarText } from '../text.js';
import { elementType, isArrayType } from '../types.js';
import { numberReader } from './number-input.js';
import { eachElement } from './sketch-aggregator.js';

const TYPES = ['STRING', 'LONG'] as const;

type FrequentType = (typeof TYPES)[number];

/** As what values are counted. */
export const frequentTypeSpec = z
  .enum(TYPES, { error: `want one of ${TYPES.join(', ')}` })
  .nullish()
  .transform((type) => type ?? 'STRING');

export const valuesOf = (type: FrequentType): FrequentState['of'] =>
  type === 'LONG' ? 'longs' : 'texts';

interface Counted {
  readonly of: FrequentState['of'];
  readonly total: number;
}

/** Throws a UserError for sketches of values of two types. */
export function checkValues(into: Counted, from: Counted, name: string): void {
  if (into.of === from.of || into.total === 0 || from.total === 0) return;
  const message = `${name}: want sketches of values of one type; got ${into.of} and ${from.of}`;
  throw new UserError(message, 'query', name);
}

interface Counting {
  add(value: string | Long): void;
}

/** Adds the values of the current cell: of lists each element. Nulls, and texts that are no LONG, do not count. */
export function addsValues(reader: ColumnReader, as: FrequentType): (into: Counting) => void {
  if (as === 'LONG') return addsLongs(reader);
  const type = isArrayType(reader.type) ? elementType(reader.type) : reader.type;
  const read = memoised(reader, (cell) => {
    const texts: string[] = [];
    eachElement(cell, (element) => texts.push(scalarText(element, type)!));
    return texts;
  });
  return (into) => {
    for (const text of read()) into.add(text);
  };
}

function addsLongs(reader: ColumnReader): (into: Counting) => void {
  const read = numberReader(reader, 'LONG');
  return (into) => {
    const value = read();
    if (value !== null) into.add(value);
  };
}
