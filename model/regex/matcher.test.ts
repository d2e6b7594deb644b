import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResourceLimitError } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { backtrackingLengthMax } from './cost.js';
import { Matcher, widthOf } from './matcher.js';
import { naiveMatches } from './naive-testing.js';
import { parsePattern } from './parse-pattern.js';
import { compileProgram } from './program.js';
import { findsAsJava, matchesAsJava, namedGroups, printRegex } from './tree.js';

const refuse = (reason: string): never => {
  throw new Error(reason);
};

function prepare(pattern: string, spareSteps?: number) {
  const { tree, ignoreCase, groupCount } = parsePattern(pattern, refuse);
  const flags = ignoreCase ? 'vi' : 'v';
  return {
    tree,
    flags,
    regex: new RegExp(printRegex(tree), `${flags}g`),
    matcher: new Matcher(compileProgram(tree, flags, groupCount), pattern, spareSteps),
    lengthMax: backtrackingLengthMax(tree, flags),
    names: namedGroups(tree),
  };
}

/** All matches with their groups, by our own matcher; null where they take too many steps. */
function ours(matcher: Matcher, text: string): (string | undefined)[][] | null {
  try {
    return matchesOf(matcher, text);
  } catch (error) {
    if (error instanceof ResourceLimitError) return null;
    throw error;
  }
}

function matchesOf(matcher: Matcher, text: string): (string | undefined)[][] {
  const found: (string | undefined)[][] = [];
  matcher.begin(text);
  for (let from = 0; from <= text.length; ) {
    const registers = matcher.find(from);
    if (registers === null) break;
    const groups = Array.from({ length: matcher.program.groupCount + 1 }, (_, i) => {
      const [start, end] = [registers[2 * i]!, registers[2 * i + 1]!];
      return start < 0 || end < 0 ? undefined : text.slice(start, end);
    });
    found.push([String(registers[0]), ...groups]);
    const end = registers[1]!;
    from = end > registers[0]! ? end : end + widthOf(text.codePointAt(end) ?? 0);
  }
  return found;
}

const theirs = (regex: RegExp, text: string) =>
  [...text.matchAll(regex)].map((match) => [String(match.index), ...match]);

/** V8 also finds empty matches between the halves of a character, which the standard rules out. */
const isHalved = (regex: RegExp, text: string) =>
  [...text.matchAll(regex)].some(({ index }) => text.codePointAt(index - 1)! > 0xffff);

const atom = fc.constantFrom(
  ...['a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\W', 'é', 'K', '\u{1F600}', '\\R', '\\n'],
);
const edge = fc.constantFrom('^', '$', '\\b', '\\B', '\\A', '\\z', '\\Z');
const quantifier = fc.constantFrom(
  ...['*', '+', '?', '*?', '+?', '??', '{2}', '{0,2}', '{1,3}?', '{2,}', '{0}', '{0,1}'],
);
const { pattern } = fc.letrec<{ pattern: string; term: string; sequence: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 6, arbitrary: atom },
    { weight: 1, arbitrary: edge },
    { weight: 1, arbitrary: fc.constantFrom('\\1', '\\2', '\\3') },
    { weight: 4, arbitrary: fc.tuple(tie('term'), quantifier).map(([x, q]) => `(?:${x})${q}`) },
    { weight: 3, arbitrary: tie('pattern').map((x) => `(${x})`) },
    { weight: 2, arbitrary: fc.tuple(tie('pattern'), quantifier).map(([x, q]) => `(${x})${q}`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('=', '!', '<=', '<!'), tie('pattern'))
        .map(([sign, x]) => `(?${sign}${x})`),
    },
  ),
  sequence: fc.array(tie('term'), { maxLength: 4 }).map((terms) => terms.join('')),
  pattern: fc
    .array(tie('sequence'), { minLength: 1, maxLength: 3 })
    .map((options) => options.join('|')),
}));
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'A', 'k', 'É', '\n', '\r', ' ', '\u{1F600}', '\ud83d'), {
    maxLength: 7,
  })
  .map((characters) => characters.join(''));

/** The start of each match, then its groups. */
function naive({ tree, flags, matcher }: ReturnType<typeof prepare>, one: string) {
  const all = naiveMatches(tree, flags, one);
  return all?.map((groups) => [
    String(groups[0]![0]),
    ...Array.from({ length: matcher.program.groupCount + 1 }, (_, i) =>
      groups[i] ? one.slice(...groups[i]) : undefined,
    ),
  ]);
}

test('finds what Java finds, and V8 where it does as Java does', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', '(?i)', '(?m)', '(?s)'),
      pattern,
      fc.array(text, { minLength: 1, maxLength: 4 }),
      (flags, source, texts) => {
        const prepared = prepare(flags + source, 100_000);
        const { regex, matcher, tree } = prepared;
        for (const one of texts) {
          const found = ours(matcher, one);
          // What takes us too many steps might take V8 even more.
          if (found === null) return;
          const expected = naive(prepared, one);
          if (expected !== undefined) expect(found).toEqual(expected);
          if (isHalved(regex, one)) continue;
          if (matchesAsJava(tree)) expect(found).toEqual(theirs(regex, one));
          if (findsAsJava(tree)) expect(found.length > 0).toBe(theirs(regex, one).length > 0);
        }
      },
    ),
    { numRuns: draws(200) },
  );
});

/** What V8 takes ages for. */
test.each([
  ['^(a+)+$', 'a', '!'],
  ['(a|aa)+$', 'a', '!'],
  ['^(a*)*$', 'a', '!'],
  ['^((a|b)*)*c', 'ab', ''],
  ['(.*)(.*)(.*)(.*)(.*)x', 'a', ''],
  ['(?:a?){50}a{50}b', 'a', ''],
  ['a*b', 'a', ''],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', ''],
  ['^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+$', 'a', '!'],
  ['(?i)^(k|K)*$', 'k', '!'],
  ['^(?:(?:a*)*|b*)*$', 'a', '!'],
  ['\\s+$', ' ', 'x'],
  ['(?=a)(a+)+(?<=a)$', 'a', '!'],
])('%s fails on 20,000 characters in a number of steps that is linear', (pattern, piece, end) => {
  const { matcher, lengthMax } = prepare(pattern);
  const text = piece.repeat(20_000 / piece.length) + end;
  expect(lengthMax).toBeLessThan(text.length);
  matcher.begin(text);
  expect(matcher.find(0)).toBeNull();
  const instructions = matcher.program.code.length / 3;
  expect(matcher.steps).toBeLessThan(4 * instructions * text.length);
});

test.each([
  ['^(a*)*\\1b', 'takes more than 20000000 steps'],
  ['^(?:(?=a*!)a)*b', 'takes more than 20000000 steps'],
])('%s has an end on 100,000 characters', (pattern, reason) => {
  const { matcher } = prepare(pattern);
  matcher.begin(`${'a'.repeat(100_000)}!`);
  expect(() => matcher.find(0)).toThrow(ResourceLimitError);
  expect(() => matcher.find(0)).toThrow(reason);
  // What is over is over for the next text as well: many of them are no way around the limit.
  matcher.begin(`${'a'.repeat(1_000)}!`);
  expect(() => matcher.find(0)).toThrow(ResourceLimitError);
});

test.each([
  ['^\\d{4}-\\d{2}', Infinity],
  ['^foo.*', Infinity],
  ['foo', 1_000_000],
  ['foo.*bar', 1_414],
  ['.*foo.*bar', 181],
  ['^(\\d+\\.)+\\d+$', 181],
  ['"(?:[^"\\\\]|\\\\.)*"', 1_414],
  ['(foo|bar)*x', 1_414],
  // What can be read in several ways, again and again, is never for V8.
  ['(a+)+x', 0],
  ['(a|[ab])*x', 0],
  ['(\\w+\\s?)*x', 0],
  ['(?i)(k|\\u212A)*x', 0],
  ['(?:a?){50}x', 0],
  // Long ones are tried in full at each place.
  ['a{256}b', 498_054],
  ['a{50000}b', 2_559],
])('V8 may match %s in texts of up to %d characters', (pattern, lengthMax) => {
  expect(prepare(pattern).lengthMax).toBe(lengthMax);
});
