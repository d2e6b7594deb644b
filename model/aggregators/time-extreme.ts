import { z } from 'zod';
import type { JsonObject, Long } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import { memoised } from '../rows.js';
import { nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import { formatInstant, parseInstant } from '../time/instant.js';
import { type TimestampParser, timestampParser } from '../time/timestamp-parser.js';
import type { Scalar, Value } from '../types.js';
import type { Aggregator, State } from './aggregator.js';
import { toLongValue } from './number-input.js';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  timeFormat: textSpec.nullish().transform((format) => format ?? 'auto'),
});

type Type = 'timeMin' | 'timeMax';

interface Settings {
  readonly type: Type;
  readonly name: string;
  readonly fieldName: string;
  readonly parse: TimestampParser;
}

/**
 * The first or last time of a column, shown as ISO-8601. Numbers are milliseconds, texts are read by `timeFormat`, which is
 * that of a `timestampSpec`; of a list each element. Nulls, and texts that are no times, do not count.
 */
export const readTimeExtreme =
  (type: Type): SpecReader<Aggregator> =>
  (json, field) => {
    const { name, fieldName, timeFormat } = readSpec(Schema, json, field);
    const parse = timestampParser(timeFormat, null, `${field}.timeFormat`);
    return timeExtreme(json, { type, name, fieldName, parse });
  };

/** State: null before the first time, then milliseconds. */
function timeExtreme(spec: JsonObject, settings: Settings): Aggregator {
  const { type, name, fieldName, parse } = settings;
  const combine = (a: State, b: State): State => {
    if (a === null || b === null) return a ?? b;
    return b < a === (type === 'timeMin') ? b : a;
  };
  return {
    name,
    spec,
    inputs: [fieldName],
    storedType: 'LONG',
    resultType: 'STRING',
    rawFields: 'own values',
    accumulator(source) {
      const read = memoised(source.column(fieldName), (cell) =>
        listOf(cell)
          .map((value) => timeOf(value, parse))
          .reduce<State>(combine, null),
      );
      return { fold: (state) => combine(state, read()) };
    },
    initial: () => null,
    combine,
    finalise: (state) => (state === null ? null : formatInstant(Number(state))),
    combining: () => timeExtreme({ ...spec, fieldName: name }, { ...settings, fieldName: name }),
    encode: (state) => state,
    decode: (wire) => wire as State,
    compare: (a, b) => compareTimes(instantOf(a), instantOf(b)),
  };
}

const listOf = (cell: Value): readonly Scalar[] =>
  Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell as Scalar];

function timeOf(value: Scalar, parse: TimestampParser): Long | null {
  if (typeof value !== 'string') return typeof value === 'object' ? null : toLongValue(value);
  try {
    return parse(value);
  } catch {
    return null;
  }
}

const compareTimes = compareValues('LONG');

const instantOf = (text: Value): number | null =>
  text === null ? null : parseInstant(text as string);
