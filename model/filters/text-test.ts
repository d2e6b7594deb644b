import type { Ternary } from './filter.js';

/**
 * The test of texts as data, for those who look at their UTF-8 bytes: TRUE for the texts that it names,
 * FALSE for others, `forNull` for null. Its texts are well-formed, so that bytes tell the same as code units.
 */
export type TextTest = TextSet & { readonly forNull: Ternary };

/** In the order of UTF-8 bytes, as `compareText` has it. */
export type TextSet =
  | { readonly kind: 'points'; readonly texts: readonly string[] }
  | { readonly kind: 'range'; readonly range: TextRange }
  | { readonly kind: 'pattern'; readonly pattern: TextPattern };

/** Null where open. */
export interface TextRange {
  readonly lower: string | null;
  readonly upper: string | null;
  readonly lowerStrict: boolean;
  readonly upperStrict: boolean;
}

/** What all texts that match have in common. */
export interface TextPattern {
  readonly prefix: string;
  /** They have it somewhere; empty where nothing is known. */
  readonly piece: string;
  /** They end with the piece. */
  readonly isAtEnd: boolean;
  /** Whether all texts that have this in common match; else only the predicate tells which. */
  readonly isWhole: boolean;
}

export const ANY_TEXT: TextPattern = { prefix: '', piece: '', isAtEnd: false, isWhole: true };

/** The longest text of a list: the rarest, one may hope. Empty where there is none. */
export const longestOf = (texts: readonly string[]): string =>
  texts.reduce((longest, text) => (text.length > longest.length ? text : longest), '');

/** The test, unless lone surrogates make its texts something that UTF-8 cannot say. */
export function textTest(set: TextSet, forNull: Ternary): TextTest | null {
  return textsOf(set).every(isWellFormed) ? { ...set, forNull } : null;
}

function textsOf(set: TextSet): readonly string[] {
  switch (set.kind) {
    case 'points':
      return set.texts;
    case 'range':
      return [set.range.lower ?? '', set.range.upper ?? ''];
    case 'pattern':
      return [set.pattern.prefix, set.pattern.piece];
  }
}

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
