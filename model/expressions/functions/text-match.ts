import { parseTextQuery, textMatcher } from '../../text-search/text-query.js';
import { asText } from '../coerce.js';
import { define, type FunctionDefinition, neededText, unlessNull } from './definition.js';

/** Searches of words. */
export const TEXT_MATCH_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'text_match(text, search)',
    doc: `1 where the text has what a search such as 'error AND ("disk full" OR quota*) AND NOT test' asks for; words side by side stand for any of them`,
    resultType: () => 'LONG',
    compile: (args) => {
      const search = neededText('text_match', args, 1, 'the search');
      const matches = textMatcher(parseTextQuery(search, 'Function[text_match]'));
      return unlessNull([asText(args[0]!)], (text) => Number(matches(text as string)));
    },
  }),
];
