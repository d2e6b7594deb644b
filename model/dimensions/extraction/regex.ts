import { z } from 'zod';
import { UserError } from '../../../core/index.js';
import { javaRegex } from '../../regex/java-regex.js';
import { flagSpec, integerSpec, optionalText, readSpec, textSpec } from '../../spec.js';
import { type ExtractionReader, overNonNull, overText } from './extraction-fn.js';

const RegexSchema = z.object({
  expr: textSpec,
  index: integerSpec(1).refine((index) => index >= 0, { error: 'want 0 or more' }),
  replaceMissingValue: flagSpec(false),
  replaceMissingValueWith: optionalText,
});
const PartialSchema = z.object({ expr: textSpec });

/**
 * A capture group of the first match (0 is the whole match). Without a match the value itself, or
 * the replacement when asked for. Null is searched as the empty text, as Druid does.
 */
export const readRegex: ExtractionReader = (json, field) => {
  const spec = readSpec(RegexSchema, json, field);
  const regex = javaRegex(spec.expr, `${field}.expr`);
  if (spec.index > regex.groupCount) {
    throw new UserError(
      `${field}.index: the expression has ${regex.groupCount} groups; got ${spec.index} (0 is the whole match)`,
      'query',
      `${field}.index`,
    );
  }
  return overText(json, (text) => {
    const match = regex.exec(text ?? '');
    if (match !== null) return match[spec.index] ?? null;
    return spec.replaceMissingValue ? spec.replaceMissingValueWith : text;
  });
};

/** The value where the expression is found in it, else null. */
export const readPartial: ExtractionReader = (json, field) => {
  const { expr } = readSpec(PartialSchema, json, field);
  const regex = javaRegex(expr, `${field}.expr`);
  return overNonNull(json, (text) => (regex.test(text) ? text : null));
};
