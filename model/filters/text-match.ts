import { z } from 'zod';
import { nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import { scalarText } from '../text.js';
import {
  type Phrase,
  parseTextQuery,
  phraseText,
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
  return filterOf(parseTextQuery(query, `${field}.query`), dimension);
};

/** Each part has a spec of its own, as filters are told apart by them. */
function filterOf(query: TextQuery, dimension: string): Filter {
  switch (query.kind) {
    case 'phrase':
      return phraseFilter(query, dimension);
    case 'not': {
      const part = filterOf(query.part, dimension);
      return negation({ type: 'not', field: part.spec }, part);
    }
    default: {
      const parts = query.parts.map((part) => filterOf(part, dimension));
      const spec = { type: query.kind, fields: parts.map((part) => part.spec) };
      return query.kind === 'and' ? conjunction(spec, parts) : disjunction(spec, parts);
    }
  }
}

function phraseFilter(phrase: Phrase, dimension: string): Filter {
  const accepts = textMatcher(phrase);
  const whole = phrase.isPrefix ? phrase.words.slice(0, -1) : phrase.words;
  return columnFilter({
    spec: { type: 'textMatch', dimension, query: phraseText(phrase) },
    column: dimension,
    testOf: (type) => unlessNull((value) => accepts(scalarText(value, type)!)),
    ...(whole.length > 0 && {
      words: { all: whole, isExact: whole.length === 1 && !phrase.isPrefix },
    }),
  });
}
