import { UserError } from '../../core/index.js';
import { wordList } from './words.js';

/** What a text has to have: all words of a phrase one after another, the last of them perhaps as a beginning only. */
export interface Phrase {
  readonly kind: 'phrase';
  /** One at least, as `wordList` cuts them. */
  readonly words: readonly string[];
  readonly isPrefix: boolean;
}

/** A search of words, as people write it. */
export type TextQuery =
  | Phrase
  | { readonly kind: 'and' | 'or'; readonly parts: readonly TextQuery[] }
  | { readonly kind: 'not'; readonly part: TextQuery };

const MAX_DEPTH = 50;

/** `"…"`, a bracket, or anything else without blanks, quotes and brackets. */
const TOKEN = /\s*(?:"([^"]*)"(\*?)|([()])|([^\s"()]+))/suy;

type Token =
  | { readonly kind: 'phrase'; readonly phrase: Phrase }
  | { readonly kind: 'sign'; readonly sign: '(' | ')' | 'AND' | 'OR' | 'NOT' };

/**
 * Reads a search in the language that Lucene's users know:
 *
 *     search  = some { "OR" some | some }         words side by side stand for any of them
 *     some    = one { "AND" one }
 *     one     = [ "NOT" ] ( word | word* | "several words" | "(" search ")" )
 *
 * A word that is cut into several, such as `e-mail`, is a phrase of them. Throws UserError that names `field`.
 */
export function parseTextQuery(text: string, field: string): TextQuery {
  const reader = new Reader(text, field);
  const query = reader.search(0);
  reader.expectEnd();
  return query;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly field: string,
  ) {
    this.#tokens = this.#cut();
  }

  search(depth: number): TextQuery {
    const parts = [this.#some(depth)];
    while (this.#at < this.#tokens.length && !this.#isSign(')')) {
      this.#take('OR');
      parts.push(this.#some(depth));
    }
    return joined('or', parts);
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) throw this.#error('a ")" has no "(" before it');
  }

  #some(depth: number): TextQuery {
    const parts = [this.#one(depth)];
    while (this.#take('AND')) parts.push(this.#one(depth));
    return joined('and', parts);
  }

  #one(depth: number): TextQuery {
    if (depth > MAX_DEPTH) throw this.#error(`it is nested more than ${MAX_DEPTH} deep`);
    if (this.#take('NOT')) return { kind: 'not', part: this.#one(depth + 1) };
    if (this.#take('(')) {
      const inner = this.search(depth + 1);
      if (!this.#take(')')) throw this.#error('a "(" is not closed');
      return inner;
    }
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'phrase') return token.phrase;
    const found = token === undefined ? 'its end' : token.sign;
    throw this.#error(`a word is missing before ${found}`);
  }

  #isSign(sign: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'sign' && token.sign === sign;
  }

  #take(sign: string): boolean {
    const isThere = this.#isSign(sign);
    if (isThere) this.#at++;
    return isThere;
  }

  #cut(): Token[] {
    const tokens: Token[] = [];
    const pattern = new RegExp(TOKEN);
    while (pattern.lastIndex < this.text.trimEnd().length) {
      const match = pattern.exec(this.text);
      if (match === null) throw this.#error('a quote is not closed');
      const [, quoted, star, bracket, plain] = match;
      if (bracket !== undefined) tokens.push({ kind: 'sign', sign: bracket as '(' | ')' });
      else if (plain === 'AND' || plain === 'OR' || plain === 'NOT') {
        tokens.push({ kind: 'sign', sign: plain });
      } else tokens.push(this.#phrase(quoted ?? plain!, star === '*' || plain?.endsWith('*')));
    }
    return tokens;
  }

  #phrase(text: string, isPrefix = false): Token {
    const words = wordList(text);
    if (words.length === 0) throw this.#error(`${JSON.stringify(text)} has no letters or digits`);
    return { kind: 'phrase', phrase: { kind: 'phrase', words, isPrefix } };
  }

  #error(why: string): UserError {
    return new UserError(
      `${this.field}: the search ${JSON.stringify(this.text)} cannot be read: ${why}; ` +
        'write words, "several words", word*, joined by AND, OR, NOT and brackets',
      'query',
      this.field,
    );
  }
}

const joined = (kind: 'and' | 'or', parts: readonly TextQuery[]): TextQuery =>
  parts.length === 1 ? parts[0]! : { kind, parts };

/** The search that asks for a phrase. */
export const phraseText = ({ words, isPrefix }: Phrase): string =>
  `"${words.join(' ')}"${isPrefix ? '*' : ''}`;

/** Whether a text is found by a search. */
export function textMatcher(query: TextQuery): (text: string) => boolean {
  const test = wordsTest(query);
  return (text) => test(wordList(text));
}

function wordsTest(query: TextQuery): (words: readonly string[]) => boolean {
  switch (query.kind) {
    case 'phrase':
      return (words) => hasPhrase(words, query);
    case 'not': {
      const test = wordsTest(query.part);
      return (words) => !test(words);
    }
    default: {
      const tests = query.parts.map(wordsTest);
      return query.kind === 'and'
        ? (words) => tests.every((test) => test(words))
        : (words) => tests.some((test) => test(words));
    }
  }
}

function hasPhrase(words: readonly string[], { words: wanted, isPrefix }: Phrase): boolean {
  const last = wanted.length - 1;
  for (let start = 0; start + last < words.length; start++) {
    const isHere = wanted.every((word, i) =>
      isPrefix && i === last ? words[start + i]!.startsWith(word) : words[start + i] === word,
    );
    if (isHere) return true;
  }
  return false;
}
