import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import { scalarText } from '../text.js';
import {
  type Phrase,
  parseTextQuery,
  type TextQuery,
  textMatcher,
} from '../text-search/text-query.js';
import { columnFilter, unlessNull } from './column-filter.js';
import type { Filter } from './filter.js';
import { conjunction, disjunction, negation } from './logic.js';

const Schema = z.object({ dimension: nameSpec, query: textSpec });

/** A search of words. Of lists any element may have each of the words. */
export const readTextMatch: SpecReader<Filter> = (json, field) => {
  const { dimension, query } = readSpec(Schema, json, field);
  return filterOf(parseTextQuery(query, `${field}.query`), dimension, json);
};

function filterOf(query: TextQuery, column: string, spec: JsonObject): Filter {
  switch (query.kind) {
    case 'phrase':
      return phraseFilter(query, column, spec);
    case 'not':
      return negation(spec, filterOf(query.part, column, spec));
    default: {
      const parts = query.parts.map((part) => filterOf(part, column, spec));
      return query.kind === 'and' ? conjunction(spec, parts) : disjunction(spec, parts);
    }
  }
}

function phraseFilter(phrase: Phrase, column: string, spec: JsonObject): Filter {
  const accepts = textMatcher(phrase);
  const whole = phrase.isPrefix ? phrase.words.slice(0, -1) : phrase.words;
  return columnFilter({
    spec,
    column,
    testOf: (type) => unlessNull((value) => accepts(scalarText(value, type)!)),
    ...(whole.length > 0 && {
      words: { all: whole, isExact: whole.length === 1 && !phrase.isPrefix },
    }),
  });
}
