import { UserError } from '../core/index.js';
import {
  emitCharacterClass,
  escapeCharacter,
  type PatternReader,
  readEscape,
} from './java-regex-class.js';

/**
 * The JavaScript form of a Java regular expression (java.util.regex.Pattern). Works on code points.
 *
 * Translated: `\Q…\E`, `\A \z \Z \h \v \R \e \a`, octal and `\x{…}` escapes, POSIX and Unicode classes,
 * nested and intersected classes, named groups, Java's line terminators for `.`, `^` and `$`, and
 * the inline flags i, m, s, u and x. The flag i must hold for the whole pattern, since JavaScript
 * has it per expression.
 * Refused with a UserError that names `field`: possessive quantifiers, atomic groups, `\G` and `\X`, as
 * JavaScript cannot say them.
 * Known differences: case-insensitive matching also folds letters beyond ASCII.
 */
export function javaRegex(pattern: string, field: string): RegExp {
  const refuse = (reason: string): never => {
    throw new UserError(
      `${field}: the regular expression ${JSON.stringify(pattern)} cannot be used: ${reason}`,
      'query',
      field,
    );
  };
  const translator = new Translator(pattern, refuse);
  const source = translator.translate();
  try {
    return new RegExp(source, translator.ignoreCase ? 'vi' : 'v');
  } catch (error) {
    return refuse(String((error as Error).message).replace(/^.*\/: /, ''));
  }
}

interface Flags {
  ignoreCase: boolean;
  multiLine: boolean;
  dotAll: boolean;
  comments: boolean;
}

const TERMINATOR = '[\\n\\r\\u0085\\u2028\\u2029]';
const NO_TERMINATOR = '[^\\n\\r\\u0085\\u2028\\u2029]';
const START = '(?<![^])';
const END = '(?![^])';
const START_OF_LINE = `${START}|(?<=${TERMINATOR})(?=[^])`;
/** `$` also matches before a line terminator that ends the text. */
const END_OF_INPUT = `(?=(?:\\r\\n|${TERMINATOR})?${END})`;

class Translator implements PatternReader {
  at = 0;
  #flags: Flags = { ignoreCase: false, multiLine: false, dotAll: false, comments: false };
  #groupCount = 0;
  /** Whether the flag i held for the characters so far; null before the first. */
  #ignoreCase: boolean | null = null;
  /** Whether a quantifier may follow. */
  #quantifiable = false;

  constructor(
    readonly text: string,
    readonly refuse: (reason: string) => never,
  ) {}

  get ignoreCase(): boolean {
    return this.#ignoreCase === true;
  }

  translate(): string {
    const source = this.#alternatives();
    if (this.at < this.text.length) this.refuse('a closing parenthesis has no opening one');
    return source;
  }

  /** Up to the end or the closing parenthesis of the group. */
  #alternatives(): string {
    let out = '';
    while (this.at < this.text.length && this.text[this.at] !== ')') out += this.#next();
    return out;
  }

  #next(): string {
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    if (this.#flags.comments && this.#skipComment(character)) return '';
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#atom(emitCharacterClass(this));
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
      case '{':
        return this.#quantifier();
      case '|':
        this.at++;
        this.#quantifiable = false;
        return '|';
      case '.':
        this.at++;
        return this.#atom(this.#flags.dotAll ? '[^]' : NO_TERMINATOR);
      case '^':
        this.at++;
        return this.#assertion(this.#flags.multiLine ? START_OF_LINE : START);
      case '$':
        this.at++;
        return this.#assertion(this.#flags.multiLine ? `(?=${TERMINATOR}|${END})` : END_OF_INPUT);
      default:
        this.at += character.length;
        return this.#atom(escapeCharacter(character));
    }
  }

  /** Characters or a set of them, to which the flag i would apply. */
  #atom(source: string): string {
    const { ignoreCase } = this.#flags;
    if (this.#ignoreCase !== null && this.#ignoreCase !== ignoreCase) {
      this.refuse('the inline flag i must hold for the whole pattern: write (?i) at its start');
    }
    this.#ignoreCase = ignoreCase;
    return this.#unit(source);
  }

  #unit(source: string): string {
    this.#quantifiable = true;
    return source;
  }

  /** An assertion under a quantifier needs a group of its own in JavaScript. */
  #assertion(source: string): string {
    return this.#unit(`(?:${source})`);
  }

  #skipComment(character: string): boolean {
    if (/[ \t\n\v\f\r]/.test(character)) {
      this.at++;
      return true;
    }
    if (character !== '#') return false;
    while (this.at < this.text.length && !/[\n\r]/.test(this.text[this.at]!)) this.at++;
    return true;
  }

  #quantifier(): string {
    const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.text.slice(this.at));
    if (match === null) return this.refuse(`a literal { at ${this.at} must be written \\{`);
    if (!this.#quantifiable) this.refuse(`nothing to repeat before ${match[0]} at ${this.at}`);
    this.at += match[0].length;
    this.#quantifiable = false;
    const mode = this.text[this.at];
    if (mode === '+') {
      this.refuse(`possessive quantifiers such as ${match[0]}+ are not supported; use ${match[0]}`);
    }
    if (mode !== '?') return match[0];
    this.at++;
    return `${match[0]}?`;
  }

  #escape(): string {
    const rest = this.text.slice(this.at);
    if (rest.startsWith('\\Q')) return this.#quotation();
    const reference = /^\\([1-9]\d*)/.exec(rest);
    if (reference !== null) return this.#backReference(reference[1]!);
    const named = /^\\k<([a-zA-Z][a-zA-Z0-9]*)>/.exec(rest);
    if (named !== null) {
      this.at += named[0].length;
      return this.#atom(`\\k<${named[1]}>`);
    }
    const assertion = ASSERTIONS.get(rest[1] ?? '');
    if (assertion !== undefined) {
      this.at += 2;
      return this.#assertion(assertion);
    }
    if (rest[1] === 'R') {
      this.at += 2;
      return this.#atom('(?:\\r\\n|[\\n\\v\\f\\r\\u0085\\u2028\\u2029])');
    }
    if (rest[1] === 'G' || rest[1] === 'X') this.refuse(`\\${rest[1]} is not supported`);
    return this.#atom(readEscape(this, false).source);
  }

  #quotation(): string {
    const start = this.at + 2;
    const end = this.text.indexOf('\\E', start);
    const quoted = this.text.slice(start, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + 2;
    if (quoted === '') return '';
    return this.#atom([...quoted].map(escapeCharacter).join(''));
  }

  /** Java takes as many digits as make the number of a group that is there. */
  #backReference(digits: string): string {
    let length = 1;
    while (length < digits.length && Number(digits.slice(0, length + 1)) <= this.#groupCount)
      length++;
    this.at += 1 + length;
    const group = Number(digits.slice(0, length));
    return this.#atom(group <= this.#groupCount ? `(?:\\${group})` : '(?!)');
  }

  #group(): string {
    const rest = this.text.slice(this.at);
    const flags = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?([):])/.exec(rest);
    if (flags !== null) return this.#flagGroup(flags);
    const special = /^\((?:\?(?:[=!]|<[=!]|<[a-zA-Z][a-zA-Z0-9]*>))?/.exec(rest)![0];
    if (special === '(' && rest[1] === '?') {
      this.refuse(
        rest[2] === '>' ? 'atomic groups (?>…) are not supported' : `unknown group at ${this.at}`,
      );
    }
    if (special === '(' || special.endsWith('>')) this.#groupCount++;
    this.at += special.length;
    return this.#groupBody(special);
  }

  #flagGroup([whole, on, off, end]: RegExpExecArray): string {
    const outer = this.#flags;
    const inner = { ...outer };
    for (const flag of on!) this.#setFlag(inner, flag, true);
    for (const flag of off ?? '') this.#setFlag(inner, flag, false);
    this.at += whole.length;
    this.#flags = inner;
    if (end === ')') return '';
    const group = this.#groupBody('(?:');
    this.#flags = outer;
    return group;
  }

  #setFlag(flags: Flags, flag: string, on: boolean): void {
    if (flag === 'i') flags.ignoreCase = on;
    else if (flag === 'm') flags.multiLine = on;
    else if (flag === 's') flags.dotAll = on;
    else if (flag === 'x') flags.comments = on;
    else if (flag !== 'u') this.refuse(`the inline flag ${flag} is not supported`);
  }

  /** Flags set inside a group end with it. */
  #groupBody(open: string): string {
    const flags = this.#flags;
    this.#quantifiable = false;
    const body = this.#alternatives();
    if (this.text[this.at] !== ')') this.refuse('a group is never closed');
    this.at++;
    this.#flags = flags;
    const group = `${open}${body})`;
    // Java repeats look-arounds, JavaScript does not.
    return this.#unit(/[=!]$/.test(open) ? `(?:${group})` : group);
  }
}

const ASSERTIONS: ReadonlyMap<string, string> = new Map([
  ['A', START],
  ['z', END],
  ['Z', END_OF_INPUT],
  ['b', '\\b'],
  ['B', '\\B'],
]);
