import { isJsonObject, type JsonObject } from '../../core/index.js';
import type { Aggregator, Filter, NumberTest, ValueType } from '../../model/index.js';
import { conjunctsOf } from '../filter/conjuncts.js';

/** The type that a column of rows is stored with; undefined for one that is not there. */
export type StoredTypes = (column: string) => ValueType | undefined;

/** What only says how a result is shown, not what is folded. */
const SHOWN = new Set(['name', 'shouldFinalize', 'round', 'errorBoundsStdDev']);

const ANYWHERE: JsonObject = {
  isInputHyperUnique: false,
  isInputThetaSketch: false,
  tgtHllType: 'HLL_4',
  stringEncoding: 'utf16le',
  byRow: false,
};

/** What settings are that are not given, by type of aggregator. */
const DEFAULTS: Readonly<Record<string, JsonObject>> = {
  HLLSketchBuild: { lgK: 12 },
  HLLSketchMerge: { lgK: 12 },
  quantilesDoublesSketch: { k: 128 },
  KllDoublesSketch: { k: 200 },
  KllFloatsSketch: { k: 200 },
  tDigestSketch: { compression: 100 },
};

/** What an aggregator folds: the same text for the same states, whatever it is called and however it is spelled. */
export function aggregatorText({ form, spec }: Aggregator, typeOf: StoredTypes): string {
  switch (form?.kind) {
    case 'count':
      return 'count';
    case 'sum':
    case 'min':
    case 'max':
      if (form.input.expression !== null) break;
      return inputText(`${form.kind} ${form.type}`, form.input.inputs[0]!);
    case 'filtered':
      return filteredText(
        conjunctsOf(form.filter),
        aggregatorText(form.aggregator, typeOf),
        typeOf,
      );
    case 'sketch': {
      const { plain } = form;
      const stored = plain === null ? undefined : typeOf(plain.column);
      // Stored sketches are merged by their own aggregator, and others look at them as values.
      const isRead = isPlainType(stored) || spec.type === 'hyperUnique';
      if (plain === null || !isRead || (plain.type ?? stored) !== stored) break;
      return inputText('sketch', plain.column);
    }
  }
  return jsonText(settingsOf(spec));
}

/** What is folded of a column by a rule. */
export const inputText = (rule: string, column: string): string =>
  `${rule} ${JSON.stringify(column)}`;

/** What an aggregator folds of the rows for which some filters are all true. */
export function filteredText(
  filters: readonly Filter[],
  inner: string,
  typeOf: StoredTypes,
): string {
  const texts = new Set(filters.map((filter) => filterText(filter, typeOf)));
  return `${[...texts].sort().join(' & ')} => ${inner}`;
}

/** The entries that a theta sketch keeps, which is made of any larger one. Not part of its text. */
export const thetaSize = ({ spec }: Aggregator): number =>
  spec.type === 'thetaSketch' ? 2 ** Math.ceil(Math.log2(Number(spec.size ?? 16_384))) : 0;

function settingsOf(spec: JsonObject): JsonObject {
  const { type } = spec;
  const usual = { ...ANYWHERE, ...DEFAULTS[String(type)] };
  const isSaid = ([key, value]: [string, unknown]): boolean =>
    value !== null &&
    value !== undefined &&
    !SHOWN.has(key) &&
    !(key === 'size' && type === 'thetaSketch') &&
    !(Object.hasOwn(usual, key) && usual[key] === value);
  return Object.fromEntries(Object.entries(spec).filter(isSaid));
}

/** For which rows a filter is true: mostly told by what it asks of a column, not by how it asks. */
function filterText({ form, spec }: Filter, typeOf: StoredTypes): string {
  const inner = (each: Filter) => filterText(each, typeOf);
  switch (form?.kind) {
    case 'and':
    case 'or':
      return `${form.kind}(${form.filters.map(inner).sort().join()})`;
    case 'not':
      return `not(${inner(form.filter)})`;
    case 'constant':
      return `constant ${form.value}`;
    case 'values': {
      const numbers = [form.numbersOf('LONG'), form.numbersOf('DOUBLE'), form.numbersOf('FLOAT')];
      const { texts } = form;
      const isWhole = texts !== null && (texts.kind !== 'pattern' || texts.pattern.isWhole);
      if (!isWhole || numbers.includes(null) || !isPlainType(typeOf(form.column))) break;
      const test = [...numbers.map((each) => numberTestText(each!)), textTestOf(texts)];
      return `${JSON.stringify(form.column)}: ${jsonText(test)}`;
    }
  }
  return jsonText(spec);
}

/** That a column is not null. */
export const notNullText = (column: string): string =>
  `not(${JSON.stringify(column)}: ${NULL_TEST})`;

const isPlainType = (type: ValueType | undefined): boolean =>
  type === 'STRING' || type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT';

const numberTestText = ({ ranges, points, forNull }: NumberTest): unknown => ({
  ranges,
  points: points.map(String).sort(),
  forNull,
});

const textTestOf = (test: object): unknown =>
  'texts' in test && Array.isArray(test.texts) ? { ...test, texts: [...test.texts].sort() } : test;

const NULL_NUMBERS = { ranges: [], points: [], forNull: 1 };

const NULL_TEST = jsonText([
  NULL_NUMBERS,
  NULL_NUMBERS,
  NULL_NUMBERS,
  { kind: 'points', texts: [], forNull: 1 },
]);

/** Members by name; numbers as they are, which JSON does not say of all. */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join()}]`;
  if (isJsonObject(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    const texts = members.map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`);
    return `{${texts.sort().join()}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
