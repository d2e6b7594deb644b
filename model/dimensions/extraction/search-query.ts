import { parseSearchQuery } from '../../search-query.js';
import { type ExtractionReader, overNonNull } from './extraction-fn.js';

/** The value where the search query accepts it, else null. */
export const readSearchQuery: ExtractionReader = (json, field) => {
  const { accepts } = parseSearchQuery(json.query, `${field}.query`);
  return overNonNull(json, (text) => (accepts(text) ? text : null));
};
