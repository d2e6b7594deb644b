import { type JavaRegex, javaRegex } from '../../regex/java-regex.js';
import { asText } from '../coerce.js';
import type { Operand } from '../operand.js';
import {
  callError,
  define,
  type FunctionDefinition,
  literalOf,
  neededText,
  unlessNull,
} from './definition.js';
import { checkLength, MAX_LENGTH } from './text-length.js';

/** Java regular expressions. Patterns are literals; all functions find, none is anchored. */

const regexOf = (name: string, args: readonly Operand[]): JavaRegex =>
  javaRegex(neededText(name, args, 1, 'the pattern'), `Function[${name}]`);

function groupOf(args: readonly Operand[], regex: JavaRegex): number {
  const group = literalOf('regexp_extract', args, 2, 'the group') ?? 0;
  if (typeof group !== 'number' || group < 0 || group > regex.groupCount) {
    throw callError('regexp_extract', `has no group ${String(group)} in its pattern`);
  }
  return group;
}

/** One piece of a replacement: text, or the number or name of a group. */
type Piece = string | { readonly group: number | string };

/** Reads Java's replacement syntax: `$1`, `${name}`, and a backslash before a character that stands for itself. */
function parseReplacement(text: string, groups: number): Piece[] {
  const pieces: Piece[] = [];
  const pattern = /\\([\s\S])|\$\{([a-zA-Z][a-zA-Z0-9]*)\}|\$(\d+)|([^\\$]+)|([\s\S])/g;
  for (const [, escaped, name, digits, plain] of text.matchAll(pattern)) {
    if (name !== undefined) {
      pieces.push({ group: name });
    } else if (digits !== undefined) {
      let length = 1;
      while (length < digits.length && Number(digits.slice(0, length + 1)) <= groups) length++;
      const group = Number(digits.slice(0, length));
      if (group > groups) throw callError('regexp_replace', `has no group ${group} in its pattern`);
      pieces.push({ group }, digits.slice(length));
    } else {
      const literal = escaped ?? plain;
      if (literal === undefined) {
        throw callError(
          'regexp_replace',
          'has a replacement with a lone $ or \\; write \\$ or \\\\',
        );
      }
      pieces.push(literal);
    }
  }
  return pieces;
}

function filledIn(pieces: readonly Piece[], match: RegExpExecArray): string {
  let out = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') out += piece;
    else if (typeof piece.group === 'number') out += match[piece.group] ?? '';
    else out += match.groups?.[piece.group] ?? '';
  }
  return out;
}

export const REGEX_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'regexp_extract(text, pattern, [group])',
    doc: 'what the pattern first finds, or that part of it which the group matched; null when it finds nothing',
    resultType: () => 'STRING',
    compile: (args) => {
      const regex = regexOf('regexp_extract', args);
      const group = groupOf(args, regex);
      return unlessNull([asText(args[0]!)], (text) => regex.exec(text as string)?.[group] ?? null);
    },
  }),
  define({
    usage: 'regexp_like(text, pattern)',
    doc: '1 where the pattern finds something',
    resultType: () => 'LONG',
    compile: (args) => {
      const regex = regexOf('regexp_like', args);
      return unlessNull([asText(args[0]!)], (text) => Number(regex.test(text as string)));
    },
  }),
  define({
    usage: 'regexp_replace(text, pattern, replacement)',
    doc: 'everything the pattern finds replaced; $1 in the replacement is the first group',
    resultType: () => 'STRING',
    compile: (args) => {
      const regex = regexOf('regexp_replace', args);
      let parsed: { readonly text: string; readonly pieces: readonly Piece[] } | null = null;
      return unlessNull([asText(args[0]!), asText(args[2]!)], (text, replacement) => {
        if (parsed?.text !== replacement) {
          const source = replacement as string;
          parsed = { text: source, pieces: parseReplacement(source, regex.groupCount) };
        }
        const { pieces } = parsed!;
        let length = (text as string).length;
        return regex.replaceAll(text as string, (match) => {
          const piece = filledIn(pieces, match);
          length += piece.length;
          if (length > MAX_LENGTH) checkLength('regexp_replace', length);
          return piece;
        });
      });
    },
  }),
];
