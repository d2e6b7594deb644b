import {
  type Aggregator,
  type ComplexType,
  isComplexType,
  isNumericType,
  type RowSource,
} from '../../model/index.js';

/** Rows that give metrics their inputs apart from the dimensions, which may have the same names. */
export interface MetricInputs extends RowSource {
  /** The fields as they came, but for some. */
  metricInputs(fields: SpecialFields): RowSource;
}

/** Fields that a metric does not read by the type that the whole batch shows. */
export interface SpecialFields {
  /** One as numbers, or null. */
  readonly numeric: string | null;
  readonly texts: readonly string[];
  /** Each value as what it is by itself. */
  readonly ownValues: readonly string[];
  /** Texts as the sketches that they stand for. */
  readonly sketches: readonly SketchField[];
}

/** A field whose texts are sketches of a type, in base64, but for those that are numbers where these are taken too. */
export interface SketchField {
  readonly name: string;
  readonly type: ComplexType;
  readonly orNumbers: boolean;
}

/**
 * The aggregator as it reads the rows of a batch: from the fields, not from the dimensions made of
 * them. In every other respect, and over all other rows, it is the one given.
 */
export function overInputs(aggregator: Aggregator): Aggregator {
  const special: SpecialFields = {
    numeric: numericFieldOf(aggregator),
    texts: fieldsRead(aggregator, 'texts'),
    ownValues: fieldsRead(aggregator, 'own values'),
    sketches: sketchFieldsOf(aggregator),
  };
  return {
    ...aggregator,
    accumulator: (source) =>
      aggregator.accumulator(hasMetricInputs(source) ? source.metricInputs(special) : source),
  };
}

/** The fields of an aggregator that hold sketches as texts. */
export function sketchFieldsOf(aggregator: Aggregator): readonly SketchField[] {
  const type = aggregator.storedType;
  if (!isComplexType(type)) return [];
  const fields = (how: Aggregator['rawFields'], orNumbers: boolean): SketchField[] =>
    fieldsRead(aggregator, how).map((name) => ({ name, type, orNumbers }));
  return [...fields('sketches', false), ...fields('numbers or sketches', true)];
}

function fieldsRead(aggregator: Aggregator, how: Aggregator['rawFields']): readonly string[] {
  const { form, inputs, rawFields } = aggregator;
  if (form?.kind === 'filtered') return fieldsRead(form.aggregator, how);
  return rawFields === how ? inputs : [];
}

const hasMetricInputs = (source: RowSource): source is MetricInputs => 'metricInputs' in source;

/** The field whose texts a numeric aggregator, filtered or not, takes as numbers; null when it reads none. */
export function numericFieldOf({ form, rawFields, spec, storedType }: Aggregator): string | null {
  if (form?.kind === 'filtered') return numericFieldOf(form.aggregator);
  const { type, fieldName } = spec;
  if (typeof fieldName !== 'string' || typeof type !== 'string') return null;
  // It says by itself how its field is read.
  if (rawFields !== undefined) return null;
  return isNumericType(storedType) || /^(long|double|float)[A-Z]/.test(type) ? fieldName : null;
}
