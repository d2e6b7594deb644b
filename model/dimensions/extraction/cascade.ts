import { z } from 'zod';
import { parseEach, readSpec } from '../../spec.js';
import type { Scalar, ScalarType } from '../../types.js';
import type { ExtractionReader } from './extraction-fn.js';

const Schema = z.object({ extractionFns: z.array(z.unknown(), { error: 'want a list' }) });

/** Extraction functions one after another. */
export const readCascade: ExtractionReader = (json, field, parse) => {
  const { extractionFns } = readSpec(Schema, json, field);
  const steps = parseEach(extractionFns, `${field}.extractionFns`, parse);
  const [first, ...rest] = steps;
  return {
    spec: json,
    apply(value: Scalar, type: ScalarType) {
      if (first === undefined) return value === null ? null : String(value);
      return rest.reduce((text, step) => step.apply(text, 'STRING'), first.apply(value, type));
    },
  };
};
