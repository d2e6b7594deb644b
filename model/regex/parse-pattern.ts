import {
  emitCharacterClass,
  escapeCharacter,
  type PatternReader,
  readEscape,
} from './character-class.js';
import type { Edge, RegexNode } from './tree.js';

/** What a Java pattern says. */
export interface ParsedPattern {
  readonly tree: RegexNode;
  readonly ignoreCase: boolean;
  readonly groupCount: number;
}

/** Deeper patterns would exhaust the call stack. */
const DEPTH_MAX = 250;

/** Reads a Java regular expression; `refuse` throws. */
export function parsePattern(text: string, refuse: (reason: string) => never): ParsedPattern {
  return new PatternParser(text, refuse).parse();
}

interface Flags {
  ignoreCase: boolean;
  multiLine: boolean;
  dotAll: boolean;
  comments: boolean;
}

const NO_TERMINATOR = '[^\\n\\r\\u0085\\u2028\\u2029]';
/** Of `[^]`, V8 takes itself to match the empty text. */
const ANY = '[\\s\\S]';

const setOf = (source: string, literal: string | null = null): RegexNode => ({
  kind: 'set',
  source,
  literal,
});
const literal = (character: string): RegexNode => setOf(escapeCharacter(character), character);
const edge = (name: Edge): RegexNode => ({ kind: 'edge', edge: name });
const NEVER: RegexNode = {
  kind: 'look',
  isBehind: false,
  isNegated: true,
  body: { kind: 'sequence', parts: [] },
};
/** A line break. */
const LINE_BREAK: RegexNode = {
  kind: 'choice',
  options: [
    { kind: 'sequence', parts: [literal('\r'), literal('\n')] },
    setOf('[\\n\\v\\f\\r\\u0085\\u2028\\u2029]'),
  ],
};

class PatternParser implements PatternReader {
  at = 0;
  #flags: Flags = { ignoreCase: false, multiLine: false, dotAll: false, comments: false };
  #groupCount = 0;
  readonly #names = new Set<string>();
  #depth = 0;
  /** Whether the flag i held for the characters so far; null before the first. */
  #ignoreCase: boolean | null = null;
  /** Whether a quantifier may follow. */
  #quantifiable = false;
  /** What was read of the alternative that is being read. */
  #parts: RegexNode[] = [];

  constructor(
    readonly text: string,
    readonly refuse: (reason: string) => never,
  ) {}

  parse(): ParsedPattern {
    const tree = this.#alternatives();
    if (this.at < this.text.length) this.refuse('a closing parenthesis has no opening one');
    return { tree, ignoreCase: this.#ignoreCase === true, groupCount: this.#groupCount };
  }

  /** Up to the end or the closing parenthesis of the group. */
  #alternatives(): RegexNode {
    const outer = this.#parts;
    const options: RegexNode[] = [];
    this.#parts = [];
    while (this.at < this.text.length && this.text[this.at] !== ')') {
      if (this.text[this.at] === '|') {
        this.at++;
        this.#quantifiable = false;
        options.push({ kind: 'sequence', parts: this.#parts });
        this.#parts = [];
      } else {
        this.#next();
      }
    }
    options.push({ kind: 'sequence', parts: this.#parts });
    this.#parts = outer;
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  #next(): void {
    const start = this.at;
    this.skipBlanks();
    if (this.at > start) return;
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    switch (character) {
      case '(':
        this.#group();
        break;
      case '[':
        this.#atom(setOf(emitCharacterClass(this)));
        break;
      case '\\':
        this.#escape();
        break;
      case '*':
      case '+':
      case '?':
      case '{':
        this.#quantifier();
        break;
      case '.':
        this.at++;
        this.#atom(setOf(this.#flags.dotAll ? ANY : NO_TERMINATOR));
        break;
      case '^':
        this.at++;
        this.#unit(edge(this.#flags.multiLine ? 'startOfLine' : 'start'));
        break;
      case '$':
        this.at++;
        this.#unit(edge(this.#flags.multiLine ? 'endOfLine' : 'endOfInput'));
        break;
      default:
        this.at += character.length;
        this.#atom(literal(character));
        break;
    }
  }

  /** Characters or a set of them, to which the flag i would apply. */
  #atom(node: RegexNode): void {
    const { ignoreCase } = this.#flags;
    if (this.#ignoreCase !== null && this.#ignoreCase !== ignoreCase) {
      this.refuse('the inline flag i must hold for the whole pattern: write (?i) at its start');
    }
    this.#ignoreCase = ignoreCase;
    this.#unit(node);
  }

  #unit(node: RegexNode): void {
    this.#quantifiable = true;
    this.#parts.push(node);
  }

  skipBlanks(): void {
    if (!this.#flags.comments) return;
    const blanks = /(?:[ \t\n\v\f\r]|#[^\n\r\u0085\u2028\u2029]*)*/y;
    blanks.lastIndex = this.at;
    this.at += blanks.exec(this.text)![0].length;
  }

  #quantifier(): void {
    const match = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/.exec(this.text.slice(this.at));
    if (match === null) throw this.refuse(`a literal { at ${this.at} must be written \\{`);
    const [sign, low, comma, high] = match;
    if (!this.#quantifiable) this.refuse(`nothing to repeat before ${sign} at ${this.at}`);
    this.at += sign.length;
    this.#quantifiable = false;
    const mode = this.text[this.at];
    if (mode === '+') {
      this.refuse(`possessive quantifiers such as ${sign}+ are not supported; use ${sign}`);
    }
    const isLazy = mode === '?';
    if (isLazy) this.at++;
    const min = low === undefined ? Number(sign === '+') : Number(low);
    const single = low === undefined ? sign === '?' : comma === undefined;
    const max = single ? Math.max(min, 1 - Number(low !== undefined)) : Number(high || Infinity);
    if (min > max) this.refuse(`${sign} counts backwards`);
    this.#parts.push({ kind: 'repeat', body: this.#parts.pop()!, min, max, isLazy });
  }

  #escape(): void {
    const rest = this.text.slice(this.at);
    const letter = rest[1] ?? '';
    const reference = /^\\(?:([1-9]\d*)|k<([a-zA-Z][a-zA-Z0-9]*)>)/.exec(rest);
    const assertion = ASSERTIONS.get(letter);
    if (letter === 'Q') {
      this.#quotation();
    } else if (reference !== null) {
      this.#backReference(reference);
    } else if (assertion !== undefined) {
      this.at += 2;
      this.#unit(edge(assertion));
    } else if (letter === 'R') {
      this.at += 2;
      this.#atom(LINE_BREAK);
    } else {
      if (letter === 'G' || letter === 'X') this.refuse(`\\${letter} is not supported`);
      const { source, character } = readEscape(this, false);
      this.#atom(setOf(source, character));
    }
  }

  #quotation(): void {
    const start = this.at + 2;
    const end = this.text.indexOf('\\E', start);
    const quoted = this.text.slice(start, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + 2;
    for (const character of quoted) this.#atom(literal(character));
  }

  /** Java takes as many digits as make the number of a group that is there. */
  #backReference([whole, digits, name]: RegExpExecArray): void {
    if (digits === undefined) {
      this.at += whole.length;
      this.#atom({ kind: 'reference', group: name! });
      return;
    }
    let length = 1;
    while (length < digits.length && Number(digits.slice(0, length + 1)) <= this.#groupCount)
      length++;
    this.at += 1 + length;
    const group = Number(digits.slice(0, length));
    this.#atom(group <= this.#groupCount ? { kind: 'reference', group } : NEVER);
  }

  #group(): void {
    const rest = this.text.slice(this.at);
    const flags = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?([):])/.exec(rest);
    if (flags !== null) {
      this.#flagGroup(flags);
      return;
    }
    const special = /^\((?:\?(?:[=!]|<[=!]|<([a-zA-Z][a-zA-Z0-9]*)>))?/.exec(rest)!;
    const open = special[0];
    if (open === '(' && rest[1] === '?') {
      this.refuse(
        rest[2] === '>' ? 'atomic groups (?>…) are not supported' : `unknown group at ${this.at}`,
      );
    }
    this.at += open.length;
    if (open === '(' || open.endsWith('>')) {
      const index = ++this.#groupCount;
      const name = special[1] ?? null;
      if (name !== null && this.#names.has(name)) this.refuse(`two groups are named ${name}`);
      if (name !== null) this.#names.add(name);
      this.#unit({ kind: 'group', index, name, body: this.#groupBody() });
    } else {
      const isNegated = open.endsWith('!');
      const isBehind = open.includes('<');
      this.#unit({ kind: 'look', isBehind, isNegated, body: this.#groupBody() });
    }
  }

  #flagGroup([whole, on, off, end]: RegExpExecArray): void {
    const outer = this.#flags;
    const inner = { ...outer };
    for (const flag of on!) this.#setFlag(inner, flag, true);
    for (const flag of off ?? '') this.#setFlag(inner, flag, false);
    this.at += whole.length;
    this.#flags = inner;
    if (end === ')') return;
    const body = this.#groupBody();
    this.#flags = outer;
    this.#unit(body);
  }

  #setFlag(flags: Flags, flag: string, on: boolean): void {
    if (flag === 'i') flags.ignoreCase = on;
    else if (flag === 'm') flags.multiLine = on;
    else if (flag === 's') flags.dotAll = on;
    else if (flag === 'x') flags.comments = on;
    else if (flag !== 'u') this.refuse(`the inline flag ${flag} is not supported`);
  }

  /** Up to and with the closing parenthesis. Flags set inside a group end with it. */
  #groupBody(): RegexNode {
    if (++this.#depth > DEPTH_MAX) this.refuse(`groups are nested more than ${DEPTH_MAX} deep`);
    const flags = this.#flags;
    this.#quantifiable = false;
    const body = this.#alternatives();
    if (this.text[this.at] !== ')') this.refuse('a group is never closed');
    this.at++;
    this.#depth--;
    this.#flags = flags;
    return body;
  }
}

const ASSERTIONS: ReadonlyMap<string, Edge> = new Map([
  ['A', 'start'],
  ['z', 'end'],
  ['Z', 'endOfInput'],
  ['b', 'word'],
  ['B', 'notWord'],
]);
