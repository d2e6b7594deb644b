import { z } from 'zod';
import { parseJson, UserError } from '../../../core/index.js';
import { flagField, readFields, readObject } from '../../spec/fields.js';

/** What a parser may let pass, by the names of Jackson's features. */
export type Feature =
  | 'ALLOW_COMMENTS'
  | 'ALLOW_YAML_COMMENTS'
  | 'ALLOW_SINGLE_QUOTES'
  | 'ALLOW_UNQUOTED_FIELD_NAMES'
  | 'ALLOW_UNQUOTED_CONTROL_CHARS'
  | 'ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER'
  | 'ALLOW_NUMERIC_LEADING_ZEROS'
  | 'ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS'
  | 'ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS'
  | 'ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS'
  | 'ALLOW_NON_NUMERIC_NUMBERS'
  | 'ALLOW_MISSING_VALUES'
  | 'ALLOW_TRAILING_COMMA';

const FEATURES: ReadonlySet<string> = new Set<Feature>([
  'ALLOW_COMMENTS',
  'ALLOW_YAML_COMMENTS',
  'ALLOW_SINGLE_QUOTES',
  'ALLOW_UNQUOTED_FIELD_NAMES',
  'ALLOW_UNQUOTED_CONTROL_CHARS',
  'ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER',
  'ALLOW_NUMERIC_LEADING_ZEROS',
  'ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS',
  'ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS',
  'ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS',
  'ALLOW_NON_NUMERIC_NUMBERS',
  'ALLOW_MISSING_VALUES',
  'ALLOW_TRAILING_COMMA',
]);

/** Features that change how texts are read, not what they may be, and that change nothing here. */
const IGNORED: ReadonlySet<string> = new Set([
  'AUTO_CLOSE_SOURCE',
  'INCLUDE_SOURCE_IN_LOCATION',
  'IGNORE_UNDEFINED',
  'USE_FAST_DOUBLE_PARSER',
  'USE_FAST_BIG_NUMBER_PARSER',
  'STRICT_DUPLICATE_DETECTION',
]);

const Flag = z.object({ on: flagField(false) });

/** Reads a `featureSpec`: Jackson's features with true or false. Throws UserError for one that is unknown. */
export function readFeatures(json: unknown, field: string): ReadonlySet<Feature> {
  const features = new Set<Feature>();
  for (const [name, on] of Object.entries(readObject(json, field))) {
    const path = `${field}.${name}`;
    if (!FEATURES.has(name) && !IGNORED.has(name)) {
      throw new UserError(
        `${path}: there is no such feature; known are ${[...FEATURES].join(', ')}`,
        'spec',
        path,
      );
    }
    if (readFields(Flag, { on }, path).on && FEATURES.has(name)) features.add(name as Feature);
  }
  return features;
}

/** Parses JSON, and what the features let pass. Throws UserError for all else. */
export function parseRelaxed(text: string, features: ReadonlySet<Feature>): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return parseJson(new Rewriter(text, features).rewrite());
  }
}

const STRING = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y;
const BLANKS = /\s+/y;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/y;
const YAML_COMMENT = /#[^\n]*/y;
const WORD = /[^\s"',:{}[\]/#]+/y;
const NUMBER = /^([+-]?)(\d*)(\.\d*)?([eE][+-]?\d+)?$/;
const NON_NUMBERS = /^[+-]?(?:NaN|INF|Infinity)$/;

/** Writes a text as JSON, token by token; what is not let pass stays as it is, for the parser to refuse. */
class Rewriter {
  #at = 0;
  #last = '';
  #json = '';

  constructor(
    private readonly text: string,
    private readonly features: ReadonlySet<Feature>,
  ) {}

  rewrite(): string {
    while (this.#at < this.text.length) {
      const token = this.#string() ?? this.#skipped() ?? this.#word() ?? this.#sign();
      this.#json += token;
      if (token !== ' ') this.#last = token;
    }
    return this.#json;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #string(): string | null {
    const quote = this.text[this.#at];
    if (quote === "'" && !this.features.has('ALLOW_SINGLE_QUOTES')) return null;
    const found = this.#match(STRING);
    if (found === null) return null;
    const inner = found
      .slice(1, -1)
      .replace(/\\([\s\S])|"|\p{Cc}/gu, (piece, escaped) => this.#character(piece, escaped));
    return `"${inner}"`;
  }

  #character(piece: string, escaped: string | undefined): string {
    if (piece === '"') return '\\"';
    if (escaped === "'") return "'";
    if (escaped !== undefined) {
      const isKnown = '"\\/bfnrtu'.includes(escaped);
      return isKnown || !this.features.has('ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER')
        ? piece
        : escaped;
    }
    return this.features.has('ALLOW_UNQUOTED_CONTROL_CHARS')
      ? JSON.stringify(piece).slice(1, -1)
      : piece;
  }

  /** Blanks and comments. */
  #skipped(): string | null {
    if (this.#match(BLANKS) !== null) return ' ';
    if (this.features.has('ALLOW_COMMENTS') && this.#match(COMMENT) !== null) return ' ';
    if (this.features.has('ALLOW_YAML_COMMENTS') && this.#match(YAML_COMMENT) !== null) return ' ';
    return null;
  }

  #word(): string | null {
    const word = this.#match(WORD);
    if (word === null) return null;
    const isName =
      (this.#last === '{' || this.#last === ',') && /^\s*:/.test(this.text.slice(this.#at));
    if (isName)
      return this.features.has('ALLOW_UNQUOTED_FIELD_NAMES') ? JSON.stringify(word) : word;
    // Numbers that are none are texts to us, as Druid stores them.
    if (NON_NUMBERS.test(word))
      return this.features.has('ALLOW_NON_NUMERIC_NUMBERS') ? JSON.stringify(word) : word;
    return this.#number(word);
  }

  #number(word: string): string {
    const found = NUMBER.exec(word);
    if (found === null) return word;
    let [, sign = '', whole = '', fraction = '', exponent = ''] = found;
    if (sign === '+' && this.features.has('ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS')) sign = '';
    if (
      whole === '' &&
      fraction.length > 1 &&
      this.features.has('ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS')
    )
      whole = '0';
    if (fraction === '.' && this.features.has('ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS'))
      fraction = '.0';
    if (this.features.has('ALLOW_NUMERIC_LEADING_ZEROS')) whole = whole.replace(/^0+(?=\d)/, '');
    return sign + whole + fraction + exponent;
  }

  #sign(): string {
    const sign = this.text[this.#at++]!;
    if (
      sign === ',' &&
      this.features.has('ALLOW_TRAILING_COMMA') &&
      /^\s*[\]}]/.test(this.text.slice(this.#at))
    )
      return ' ';
    const isMissing =
      (sign === ',' || sign === ']') &&
      (this.#last === ',' || (this.#last === '[' && sign === ','));
    return isMissing && this.features.has('ALLOW_MISSING_VALUES') ? `null${sign}` : sign;
  }
}
