/** Escapes and character classes of Java regular expressions, emitted for JavaScript's `v` flag. */

/** A place in a pattern. `refuse` throws. */
export interface PatternReader {
  readonly text: string;
  at: number;
  /** Passes over blanks and comments where the flag x holds. */
  skipBlanks(): void;
  readonly refuse: (reason: string) => never;
}

/** What an escape stands for: one character, or a set of them. */
export interface Escaped {
  readonly source: string;
  /** The character, when it is a single one and may be an end of a range. */
  readonly character: string | null;
}

/** Deeper classes would exhaust the call stack. */
const DEPTH_MAX = 100;

const SYNTAX_CHARACTERS = new Set('^$\\.*+?()[]{}|/');

/** A character that stands for itself outside of classes. */
export const escapeCharacter = (character: string): string =>
  SYNTAX_CHARACTERS.has(character) ? `\\${character}` : character;

/** Inside a class every sign of ASCII is escaped: some pairs of them are reserved there. */
function escapeInClass(character: string): string {
  if (!/^[!-/:-@[-`{-~]$/.test(character)) return character;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

const HORIZONTAL = ' \\t\\u00A0\\u1680\\u180E\\u2000-\\u200A\\u202F\\u205F\\u3000';
const VERTICAL = '\\n\\v\\f\\r\\u0085\\u2028\\u2029';
const SPACE = ' \\t\\n\\v\\f\\r';

/** Sets by their letter; the capital letter is the complement. */
const SETS: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[a-zA-Z0-9_]',
  W: '[^a-zA-Z0-9_]',
  s: `[${SPACE}]`,
  S: `[^${SPACE}]`,
  h: `[${HORIZONTAL}]`,
  H: `[^${HORIZONTAL}]`,
  v: `[${VERTICAL}]`,
  V: `[^${VERTICAL}]`,
};

const CONTROLS: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  f: '\f',
  a: '\x07',
  e: '\x1b',
};

/** `\p{…}` names that JavaScript lacks: POSIX classes (ASCII only) and java.lang.Character's. */
const PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['Lower', 'a-z'],
  ['Upper', 'A-Z'],
  ['ASCII', '\\x00-\\x7F'],
  ['Alpha', 'a-zA-Z'],
  ['Digit', '0-9'],
  ['Alnum', 'a-zA-Z0-9'],
  ['Punct', '\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E'],
  ['Graph', '\\x21-\\x7E'],
  ['Print', '\\x20-\\x7E'],
  ['Blank', ' \\t'],
  ['Cntrl', '\\x00-\\x1F\\x7F'],
  ['XDigit', '0-9a-fA-F'],
  ['Space', SPACE],
  ['javaLowerCase', '\\p{Lowercase}'],
  ['javaUpperCase', '\\p{Uppercase}'],
  [
    'javaWhitespace',
    '\\t-\\r\\x1C-\\x20\\u1680\\u2000-\\u2006\\u2008-\\u200A\\u2028\\u2029\\u205F\\u3000',
  ],
  ['L1', '\\x00-\\xFF'],
]);

/** Reads the escape at `reader.at`; references, quotations and assertions are the caller's. */
export function readEscape(reader: PatternReader, inClass: boolean): Escaped {
  const rest = reader.text.slice(reader.at);
  const letter = rest[1];
  if (letter === undefined) return reader.refuse('it ends in a backslash');
  const set = SETS[letter];
  if (set !== undefined) return taken(reader, 2, { source: set, character: null });
  if (letter === 'p' || letter === 'P') return readProperty(reader, rest);
  const numeric =
    /^\\(?:x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|[0-9a-fA-F]{4})|0([0-3][0-7]{2}|[0-7]{1,2})|c([\s\S]))/.exec(
      rest,
    );
  const write = inClass ? escapeInClass : escapeCharacter;
  const one = (length: number, character: string) =>
    taken(reader, length, { source: write(character), character });
  if (numeric !== null) return one(numeric[0].length, numericCharacter(reader, numeric));
  const control = CONTROLS[letter];
  if (control !== undefined) return one(2, control);
  const character = String.fromCodePoint(rest.codePointAt(1)!);
  if (/^[a-zA-Z0-9]$/.test(character)) return reader.refuse(`unknown escape \\${character}`);
  return one(1 + character.length, character);
}

function taken(reader: PatternReader, length: number, escaped: Escaped): Escaped {
  reader.at += length;
  return escaped;
}

const hexadecimal = (digits: string): number => Number.parseInt(digits, 16);

function numericCharacter(reader: PatternReader, match: RegExpExecArray): string {
  const [, byte, braced, unit, octal, control] = match;
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) ^ 64);
  // Two halves of a character are one.
  if (unit !== undefined) return String.fromCharCode(...unit.split('\\u').map(hexadecimal));
  const code = octal === undefined ? hexadecimal(byte ?? braced!) : Number.parseInt(octal, 8);
  return code > 0x10ffff
    ? reader.refuse(`there is no character ${match[0]}`)
    : String.fromCodePoint(code);
}

function readProperty(reader: PatternReader, rest: string): Escaped {
  const match = /^\\([pP])(?:\{(\^?)([\w=]+)\}|([A-Z]))/.exec(rest);
  if (match === null) return reader.refuse(`unknown property at ${reader.at}`);
  const negated = (match[1] === 'P') !== (match[2] === '^');
  const name = match[3] ?? match[4]!;
  const members = PROPERTIES.get(name) ?? `\\p{${unicodeProperty(reader, name)}}`;
  const source = `[${negated ? '^' : ''}${members}]`;
  return taken(reader, match[0].length, { source, character: null });
}

/** The name that JavaScript knows: `IsLatin`, `script=Latin`, `IsAlphabetic`, `general_category=Lu`, `L`. */
function unicodeProperty(reader: PatternReader, name: string): string {
  const [key, value] = name.includes('=') ? name.split('=') : [null, name.replace(/^Is/, '')];
  const candidates =
    key === null
      ? [value!, `Script=${value}`, value!.replace(/(?<=[a-z])(?=[A-Z])/g, '_')]
      : /^(?:sc|script)$/i.test(key!)
        ? [`Script=${value}`]
        : [`General_Category=${value}`];
  const found = candidates.find(isProperty);
  return found ?? reader.refuse(`unknown property ${name}`);
}

function isProperty(name: string): boolean {
  try {
    // Flag v has properties of several characters, too.
    new RegExp(`\\p{${name}}`, 'u');
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads the class at `reader.at`: members side by side are united, `&&` intersects what stands to its
 * left and right, and a leading `^` complements the whole.
 */
export function emitCharacterClass(reader: PatternReader, depth = 0): string {
  if (depth > DEPTH_MAX) reader.refuse(`classes are nested more than ${DEPTH_MAX} deep`);
  const opened = reader.at++;
  const negated = reader.text[reader.at] === '^';
  if (negated) reader.at++;
  const operands: string[] = [];
  let members = '';
  let isFirst = true;
  for (;;) {
    reader.skipBlanks();
    const character = reader.text[reader.at];
    if (character === undefined) return reader.refuse(`the class at ${opened} is never closed`);
    if (character === ']' && !isFirst) break;
    isFirst = false;
    if (reader.text.startsWith('&&', reader.at)) {
      reader.at += 2;
      operands.push(members);
      members = '';
    } else {
      members += readMember(reader, depth);
    }
  }
  reader.at++;
  operands.push(members);
  // Java takes an intersection with nothing written for the other side alone.
  const sides = operands.filter((side) => side !== '');
  const body = sides.length === 1 ? sides[0]! : sides.map((side) => `[${side}]`).join('&&');
  return `[${negated ? '^' : ''}${body}]`;
}

function readMember(reader: PatternReader, depth: number): string {
  if (reader.text[reader.at] === '[') return emitCharacterClass(reader, depth + 1);
  if (reader.text.startsWith('\\Q', reader.at)) return readQuotation(reader);
  const low = readClassCharacter(reader);
  reader.skipBlanks();
  if (low.character === null || reader.text[reader.at] !== '-') return low.source;
  const dash = reader.at++;
  reader.skipBlanks();
  const next = reader.text[reader.at];
  if (next === ']' || next === '[' || next === undefined) {
    reader.at = dash;
    return low.source;
  }
  const high = readClassCharacter(reader);
  if (high.character === null) return `${low.source}\\x2d${high.source}`;
  return `${low.source}-${high.source}`;
}

function readQuotation(reader: PatternReader): string {
  const start = reader.at + 2;
  const end = reader.text.indexOf('\\E', start);
  if (end < 0) return reader.refuse('\\Q is never closed by \\E');
  reader.at = end + 2;
  return [...reader.text.slice(start, end)].map(escapeInClass).join('');
}

function readClassCharacter(reader: PatternReader): Escaped {
  if (reader.text[reader.at] === '\\') return readEscape(reader, true);
  const character = String.fromCodePoint(reader.text.codePointAt(reader.at)!);
  reader.at += character.length;
  return { source: escapeInClass(character), character };
}
