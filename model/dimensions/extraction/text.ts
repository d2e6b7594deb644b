import { z } from 'zod';
import { integerSpec, readSpec } from '../../spec.js';
import { type ExtractionReader, overNonNull, overText } from './extraction-fn.js';

const SubstringSchema = z.object({
  index: integerSpec(null).refine((index) => index !== null && index >= 0, {
    error: 'want 0 or more',
  }),
  length: integerSpec(null).refine((length) => length === null || length > 0, {
    error: 'want 1 or more',
  }),
});

/** Positions count UTF-16 units; an index past the end gives null, a length past it the rest. */
export const readSubstring: ExtractionReader = (json, field) => {
  const { index, length } = readSpec(SubstringSchema, json, field);
  const start = index ?? 0;
  const end = length === null ? undefined : start + length;
  return overNonNull(json, (text) => (start < text.length ? text.slice(start, end) : null));
};

export const readStrlen: ExtractionReader = (json) =>
  overNonNull(json, (text) => String(text.length));

const LocaleSchema = z.object({ locale: z.string().nullish() });

/** The locale of `upper` and `lower`; absent means rules that no language changes. */
const changingCase =
  (change: (text: string, locale: string | undefined) => string): ExtractionReader =>
  (json, field) => {
    const locale = readSpec(LocaleSchema, json, field).locale ?? undefined;
    const tag = locale?.replaceAll('_', '-');
    return overNonNull(json, (text) => change(text, tag));
  };

export const readUpper = changingCase((text, locale) =>
  locale === undefined ? text.toUpperCase() : text.toLocaleUpperCase(locale),
);

export const readLower = changingCase((text, locale) =>
  locale === undefined ? text.toLowerCase() : text.toLocaleLowerCase(locale),
);

export const readIdentity: ExtractionReader = (json) => overText(json, (text) => text);
