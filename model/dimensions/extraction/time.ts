import { z } from 'zod';
import { nameSpec, readSpec } from '../../spec.js';
import { jodaFormatter } from '../../time/joda-format.js';
import { jodaParser } from '../../time/joda-parse.js';
import { type ExtractionReader, overNonNull } from './extraction-fn.js';

const Schema = z.object({ timeFormat: nameSpec, resultFormat: nameSpec });

/**
 * Times in one text format to another, in UTC; what does not parse stays as it is. The patterns of
 * Joda and of Java's SimpleDateFormat (`"joda": false`) are read alike.
 */
export const readTime: ExtractionReader = (json, field) => {
  const { timeFormat, resultFormat } = readSpec(Schema, json, field);
  const parse = jodaParser(timeFormat, 'UTC');
  const format = jodaFormatter(resultFormat, 'UTC');
  return overNonNull(json, (text) => {
    const timeMs = parse(text);
    return timeMs === null ? text : format(timeMs);
  });
};
