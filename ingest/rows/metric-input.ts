import { isJsonObject } from '../../core/index.js';
import { type Aggregator, isNumericType, type RowSource } from '../../model/index.js';

/** Rows that give metrics their inputs apart from the dimensions, which may have the same names. */
export interface MetricInputs extends RowSource {
  /** The fields as they came, but one as numbers, some as texts. */
  metricInputs(numericField: string | null, textFields: readonly string[]): RowSource;
}

/**
 * The aggregator as it reads the rows of a batch: from the fields, not from the dimensions made of
 * them. In every other respect, and over all other rows, it is the one given.
 */
export function overInputs(aggregator: Aggregator): Aggregator {
  const numericField = numericFieldOf(aggregator);
  const textFields = textFieldsOf(aggregator);
  return {
    ...aggregator,
    accumulator: (source) =>
      aggregator.accumulator(
        hasMetricInputs(source) ? source.metricInputs(numericField, textFields) : source,
      ),
  };
}

/**
 * What a sketch counts. As in Druid these are texts while rows are ingested, whatever came: a field may hold
 * numbers in one batch and texts in the next, and the sketches of both are merged.
 */
function textFieldsOf(aggregator: Aggregator): readonly string[] {
  const { form, inputs, storedType } = aggregator;
  if (form?.kind === 'filtered') return textFieldsOf(form.aggregator);
  return storedType === 'COMPLEX<hyperUnique>' ? inputs : [];
}

const hasMetricInputs = (source: RowSource): source is MetricInputs => 'metricInputs' in source;

/** The field whose texts a numeric aggregator, filtered or not, takes as numbers; null when it reads none. */
export function numericFieldOf({ spec, storedType }: Aggregator): string | null {
  let inner: Readonly<Record<string, unknown>> = spec;
  while (inner.type === 'filtered' && isJsonObject(inner.aggregator)) inner = inner.aggregator;
  const { type, fieldName } = inner;
  if (typeof fieldName !== 'string' || typeof type !== 'string') return null;
  return isNumericType(storedType) || /^(long|double|float)[A-Z]/.test(type) ? fieldName : null;
}
