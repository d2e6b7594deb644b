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

/** Java regular expressions. Patterns are literals, but for those of `regexp_replace`; all functions find, none is anchored. */

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

/** The function, which is not called again for the arguments of the last time. */
function keepingLast<A extends readonly unknown[], R>(make: (...args: A) => R): (...args: A) => R {
  let last: { readonly args: A; readonly result: R } | null = null;
  return (...args) => {
    if (last === null || last.args.some((arg, i) => arg !== args[i])) {
      last = { args, result: make(...args) };
    }
    return last.result;
  };
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
    compile: ([text, pattern, replacement]) => {
      const regexOfText = keepingLast((source: string) =>
        javaRegex(source, 'Function[regexp_replace]'),
      );
      // A literal is checked before there is a row.
      const fixed = pattern!.isConstant ? asText(pattern!)() : null;
      if (fixed !== null) regexOfText(fixed);
      const piecesOf = keepingLast(parseReplacement);
      return unlessNull([text!, pattern!, replacement!].map(asText), (...texts) => {
        const [source, patternText, by] = texts as [string, string, string];
        const regex = regexOfText(patternText);
        const pieces = piecesOf(by, regex.groupCount);
        let length = source.length;
        return regex.replaceAll(source, (match) => {
          const piece = filledIn(pieces, match);
          length += piece.length;
          if (length > MAX_LENGTH) checkLength('regexp_replace', length);
          return piece;
        });
      });
    },
  }),
];
