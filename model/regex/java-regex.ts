import { UserError } from '../../core/index.js';
import { backtrackingLengthMax } from './cost.js';
import { Matcher, widthOf } from './matcher.js';
import { parsePattern } from './parse-pattern.js';
import { compileProgram } from './program.js';
import {
  expandedSize,
  findsAsJava,
  matchesAsJava,
  namedGroups,
  printRegex,
  type RegexNode,
} from './tree.js';

/** How large a pattern may be, with its counted repeats written out. */
const SIZE_MAX = 100_000;
/** No text is so short. */
const NEVER = -1;

/**
 * A Java regular expression (java.util.regex.Pattern) as JavaScript. Works on code points.
 *
 * Translated: `\Q…\E`, `\A \z \Z \h \v \R \e \a`, octal and `\x{…}` escapes, POSIX and Unicode classes,
 * nested and intersected classes, named groups, Java's line terminators for `.`, `^` and `$`, and
 * the inline flags i, m, s, u and x. The flag i must hold for the whole pattern, since JavaScript
 * has it per expression.
 * Refused with a UserError that names `field`: possessive quantifiers, atomic groups, `\G` and `\X`, as
 * JavaScript cannot say them.
 * Known differences: case-insensitive matching also folds letters beyond ASCII; `\b` knows letters of ASCII alone, as in
 * Java 19 and later; groups within a look-around that fails are forgotten.
 */
export const javaRegex = (pattern: string, field: string): JavaRegex =>
  readPattern(pattern, field, false);

/** A Java regular expression that has to match a text as a whole. */
export const wholeJavaRegex = (pattern: string, field: string): JavaRegex =>
  readPattern(pattern, field, true);

/**
 * A regular expression that cannot stall its thread. V8 matches it where the text is too short for the pattern to
 * blow up, as nearly all are, and where it does as Java does; else `Matcher` does.
 */
export class JavaRegex {
  readonly #regex: RegExp;
  #global: RegExp | null = null;
  #matcher: Matcher | null = null;
  /** Longer texts are not for V8: those to be found in alone, and those whose groups are asked for. */
  readonly #findMax: number;
  readonly #matchMax: number;

  constructor(
    readonly pattern: string,
    readonly tree: RegexNode,
    readonly groupCount: number,
    flags: string,
  ) {
    this.#regex = new RegExp(printRegex(tree), flags);
    const lengthMax = backtrackingLengthMax(tree, flags);
    this.#findMax = findsAsJava(tree) ? lengthMax : NEVER;
    this.#matchMax = matchesAsJava(tree) ? lengthMax : NEVER;
  }

  /** Whether it is found anywhere in the text. */
  test(text: string): boolean {
    return text.length <= this.#findMax
      ? this.#regex.test(text)
      : this.#begin(text).find(0) !== null;
  }

  /** The first match, and its groups. */
  exec(text: string): RegExpExecArray | null {
    if (text.length <= this.#matchMax) return this.#regex.exec(text);
    const registers = this.#begin(text).find(0);
    return registers === null ? null : this.#result(text, registers);
  }

  /** All matches, each after the end of the one before; to be read before the next call. */
  matches(text: string): Iterable<RegExpExecArray> {
    if (text.length > this.#matchMax) return this.#bounded(text);
    this.#global ??= new RegExp(this.#regex.source, `${this.#regex.flags}g`);
    return text.matchAll(this.#global);
  }

  /** The text with something else for each match. */
  replaceAll(text: string, replacement: (match: RegExpExecArray) => string): string {
    let out = '';
    let from = 0;
    for (const match of this.matches(text)) {
      out += text.slice(from, match.index) + replacement(match);
      from = match.index + match[0].length;
    }
    return out + text.slice(from);
  }

  *#bounded(text: string): Generator<RegExpExecArray> {
    const matcher = this.#begin(text);
    for (let from = 0; from <= text.length; ) {
      const registers = matcher.find(from);
      if (registers === null) return;
      yield this.#result(text, registers);
      const end = registers[1]!;
      from = end > registers[0]! ? end : end + widthOf(text.codePointAt(end) ?? 0);
    }
  }

  #begin(text: string): Matcher {
    this.#matcher ??= new Matcher(
      compileProgram(this.tree, this.#regex.flags, this.groupCount),
      this.pattern,
    );
    this.#matcher.begin(text);
    return this.#matcher;
  }

  #result(text: string, registers: Int32Array): RegExpExecArray {
    const part = (group: number): string | undefined => {
      const start = registers[2 * group]!;
      const end = registers[2 * group + 1]!;
      return start < 0 || end < 0 ? undefined : text.slice(start, end);
    };
    const groups = Array.from({ length: this.groupCount + 1 }, (_, group) => part(group));
    const names = [...namedGroups(this.tree)].map(([name, index]) => [name, groups[index]]);
    return Object.assign(groups as [string, ...string[]], {
      index: registers[0]!,
      input: text,
      ...(names.length > 0 && { groups: Object.fromEntries(names) }),
    });
  }
}

function readPattern(pattern: string, field: string, isWhole: boolean): JavaRegex {
  const refuse = (reason: string): never => {
    throw new UserError(
      `${field}: the regular expression ${JSON.stringify(pattern)} cannot be used: ${reason}`,
      'query',
      field,
    );
  };
  const { tree, ignoreCase, groupCount } = parsePattern(pattern, refuse);
  if (expandedSize(tree) > SIZE_MAX) {
    refuse(`with its repeats written out it has more than ${SIZE_MAX} parts; use smaller counts`);
  }
  const whole: RegexNode = {
    kind: 'sequence',
    parts: [{ kind: 'edge', edge: 'start' }, tree, { kind: 'edge', edge: 'end' }],
  };
  try {
    const flags = ignoreCase ? 'vi' : 'v';
    return new JavaRegex(pattern, isWhole ? whole : tree, groupCount, flags);
  } catch (error) {
    return refuse(String((error as Error).message).replace(/^.*\/: /, ''));
  }
}
