import { longestOf, type TextSet } from './filters/text-test.js';

/**
 * LIKE patterns: `%` stands for any run of characters, `_` for exactly one, everything else for
 * itself. The pattern is cut at its `%`s into pieces that must appear in order; the first is tied to
 * the start, the last to the end, and the leftmost place for each in between is always good enough.
 * Characters are code points.
 */

/** One character of a piece; null matches any. */
type PieceCharacter = string | null;

/**
 * A matcher for whole texts. The character after `escapeCharacter` stands for itself. Time is linear in the
 * text (times the length of the pattern in machine words), whatever the pattern.
 */
export function likeMatcher(
  pattern: string,
  escapeCharacter: string | null,
): (text: string) => boolean {
  const pieces = splitPattern(pattern, escapeCharacter);
  const literals = pieces.map((piece) => (piece.includes(null) ? null : piece.join('')));
  const [first, last] = [literals[0]!, literals[literals.length - 1]!];
  if (literals.every((literal) => literal !== null)) {
    if (pieces.length === 1) return (text) => text === first;
    if (pieces.length === 2) {
      const shortest = first!.length + last!.length;
      return (text) => text.length >= shortest && text.startsWith(first!) && text.endsWith(last!);
    }
    return (text) => matchLiterals(literals as string[], text);
  }
  const finders = pieces.slice(1, -1).map(pieceFinder);
  return (text) => matchPieces(pieces, finders, [...text]);
}

/** The texts that match a pattern, as far as literal pieces tell. */
export function likeTexts(pattern: string, escapeCharacter: string | null): TextSet {
  const pieces = splitPattern(pattern, escapeCharacter);
  const isLiteral = pieces.every((piece) => !piece.includes(null));
  const first = pieces[0]!;
  if (pieces.length === 1 && isLiteral) return { kind: 'points', texts: [first.join('')] };
  const prefix = literalsOf(first)[0]!;
  const others = pieces.slice(1).filter((piece) => piece.length > 0);
  const piece = longestOf((pieces.length === 1 ? pieces : others).flatMap(literalsOf));
  const isAtEnd = others.length === 1 && others[0] === pieces[pieces.length - 1] && isLiteral;
  const isWhole = isLiteral && (others.length === 0 || (others.length === 1 && prefix === ''));
  return { kind: 'pattern', pattern: { prefix, piece, isAtEnd, isWhole } };
}

/** The runs of characters between those that may be any. */
function literalsOf(piece: readonly PieceCharacter[]): string[] {
  const runs = [''];
  for (const character of piece) {
    if (character === null) runs.push('');
    else runs[runs.length - 1] += character;
  }
  return runs;
}

function splitPattern(pattern: string, escapeCharacter: string | null): PieceCharacter[][] {
  const pieces: PieceCharacter[][] = [[]];
  let escaped = false;
  for (const character of pattern) {
    const piece = pieces[pieces.length - 1]!;
    if (escaped) {
      piece.push(character);
      escaped = false;
    } else if (character === escapeCharacter) {
      escaped = true;
    } else if (character === '%') {
      pieces.push([]);
    } else {
      piece.push(character === '_' ? null : character);
    }
  }
  return pieces;
}

function matchLiterals(pieces: readonly string[], text: string): boolean {
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (let i = 1; i < pieces.length - 1; i++) {
    const found = text.indexOf(pieces[i]!, at);
    if (found < 0) return false;
    at = found + pieces[i]!.length;
  }
  return at <= end;
}

/** Finds the end of the leftmost occurrence from `at` on that ends at `end` or before; -1 when there is none. */
type Finder = (characters: readonly string[], at: number, end: number) => number;

function matchPieces(
  pieces: readonly (readonly PieceCharacter[])[],
  finders: readonly Finder[],
  characters: readonly string[],
): boolean {
  const first = pieces[0]!;
  if (pieces.length === 1) {
    return characters.length === first.length && startsAt(first, characters, 0);
  }
  const last = pieces[pieces.length - 1]!;
  const end = characters.length - last.length;
  if (end < first.length) return false;
  if (!startsAt(first, characters, 0) || !startsAt(last, characters, end)) return false;
  let at = first.length;
  for (const find of finders) {
    at = find(characters, at, end);
    if (at < 0) return false;
  }
  return true;
}

function startsAt(
  piece: readonly PieceCharacter[],
  characters: readonly string[],
  at: number,
): boolean {
  return piece.every((wanted, i) => wanted === null || wanted === characters[at + i]);
}

/**
 * The Shift-And algorithm (Baeza-Yates and Gonnet, "A new approach to text searching", 1992): bit i of
 * the state says that the piece's first i + 1 characters match the text up to here.
 */
function pieceFinder(piece: readonly PieceCharacter[]): Finder {
  const words = Math.ceil(piece.length / 32);
  const anyMask = maskWhere(piece, words, (wanted) => wanted === null);
  const masks = new Map<string, Uint32Array>();
  for (const character of piece) {
    if (character === null || masks.has(character)) continue;
    masks.set(
      character,
      maskWhere(piece, words, (x) => x === null || x === character),
    );
  }
  const lastWord = words - 1;
  const lastBit = (1 << ((piece.length - 1) % 32)) >>> 0;
  return (characters, at, end) => {
    if (piece.length === 0) return at;
    const state = new Uint32Array(words);
    for (let i = at; i < end; i++) {
      const mask = masks.get(characters[i]!) ?? anyMask;
      let carry = 1;
      for (let w = 0; w < words; w++) {
        const before = state[w]!;
        state[w] = ((before << 1) | carry) & mask[w]!;
        carry = before >>> 31;
      }
      if ((state[lastWord]! & lastBit) !== 0) return i + 1;
    }
    return -1;
  };
}

function maskWhere(
  piece: readonly PieceCharacter[],
  words: number,
  accepts: (wanted: PieceCharacter) => boolean,
): Uint32Array {
  const mask = new Uint32Array(words);
  for (const [i, wanted] of piece.entries()) if (accepts(wanted)) mask[i >> 5]! |= 1 << (i & 31);
  return mask;
}
