import { type CharacterSet, characterSet } from './character-set.js';
import { expandedSize, type RegexNode, type RepeatNode, type SetNode } from './tree.js';

/**
 * How a backtracking matcher's time can grow with the text. A part can be matched from one place in up to
 * `paths · n^degree` ways; to look for them takes up to n^walk steps more. Where an endless repeat stands around
 * something that can be matched in several ways, it is infinite: the paths double with each character.
 */
interface Ways {
  readonly paths: number;
  readonly degree: number;
  readonly walk: number;
}

/** Steps that a text may cost V8: some milliseconds. */
const STEPS_MAX = 1_000_000;
/** Beyond, n^d / d! no longer bounds what texts of some ten characters cost. */
const EXPONENT_MAX = 8;
/** Counts of a repeat that are as good as one. */
const COUNTS_FEW = 16;
/** Longer alternations are not looked at in pairs. */
const OPTIONS_MAX = 100;
/** So many parts, with counted repeats written out, are as good as one. */
const PARTS_FEW = 256;
const ONE: Ways = { paths: 1, degree: 0, walk: 0 };

/** The length of the longest texts that V8 may be given: beyond, a hostile text could stall it. */
export function backtrackingLengthMax(tree: RegexNode, flags: string): number {
  const { paths: ways, degree, walk } = new Estimate(flags).of(tree, true);
  // Each of them may read all parts, as a{50000}b does of many letters a, and fail.
  const paths = ways * Math.max(1, expandedSize(tree) / PARTS_FEW);
  const exponent = degree + walk + (isAnchored(tree) ? 0 : 1);
  if (paths > STEPS_MAX || exponent > EXPONENT_MAX) return 0;
  if (exponent === 0) return Infinity;
  // n^d / d! is how often d cuts can be placed in order.
  let factorial = 1;
  for (let i = 2; i <= exponent; i++) factorial *= i;
  return Math.floor(((STEPS_MAX * factorial) / paths) ** (1 / exponent));
}

/** Whether it can begin nowhere but at the start of the text. */
function isAnchored(node: RegexNode): boolean {
  if (node.kind === 'edge') return node.edge === 'start';
  if (node.kind === 'sequence') return node.parts[0] !== undefined && isAnchored(node.parts[0]);
  if (node.kind === 'choice') return node.options.every(isAnchored);
  return node.kind === 'group' && isAnchored(node.body);
}

class Estimate {
  readonly #sets = new Map<string, CharacterSet>();

  constructor(readonly flags: string) {}

  /** What is last is never taken back: nothing after it can fail. */
  of(node: RegexNode, isLast: boolean): Ways {
    switch (node.kind) {
      case 'sequence':
        return node.parts
          .map((part, i) => this.#part(part, node.parts[i + 1], isLast))
          .reduce(inTurn, ONE);
      case 'choice':
        return this.#choice(node.options, isLast);
      case 'group':
        return this.of(node.body, isLast);
      case 'look':
        return this.of(node.body, false);
      case 'repeat':
        return isLast && node.body.kind === 'set' ? ONE : this.#repeat(node);
      case 'reference':
        return { ...ONE, walk: 1 };
      default:
        return ONE;
    }
  }

  #part(node: RegexNode, next: RegexNode | undefined, isLast: boolean): Ways {
    if (next === undefined) return this.of(node, isLast);
    const repeat = repeatWithin(node);
    // Letters up to a comma can be read in one way, though each of them may be tried as the last.
    if (repeat !== null && next.kind === 'set' && this.#areApart(repeat.set, next)) {
      return repeat.counts > COUNTS_FEW ? { ...ONE, walk: 1 } : ONE;
    }
    return this.of(node, false);
  }

  #choice(options: readonly RegexNode[], isLast: boolean): Ways {
    const all = options.map((option) => this.of(option, isLast));
    const paths = all.map((ways) => ways.paths);
    return {
      paths: this.#startApart(options) ? Math.max(...paths) : paths.reduce((sum, x) => sum + x, 0),
      degree: Math.max(...all.map((ways) => ways.degree)),
      walk: Math.max(...all.map((ways) => ways.walk)),
    };
  }

  #repeat({ body, min, max }: RepeatNode): Ways {
    const { paths, degree, walk } = this.of(body, false);
    const isSingle = paths === 1 && degree === 0;
    if (Number.isFinite(max)) {
      const counts = max - min + 1;
      return isSingle
        ? { paths: counts, degree, walk }
        : { paths: counts * paths ** max, degree: degree * max, walk };
    }
    return isSingle ? { paths, degree: 1, walk } : { paths: Infinity, degree, walk };
  }

  /** Whether at most one of the options can begin with any character. */
  #startApart(options: readonly RegexNode[]): boolean {
    if (options.length > OPTIONS_MAX) return false;
    const starts = options.map(firstSet);
    return starts.every(
      (start, i) =>
        start !== null &&
        starts.slice(0, i).every((other) => other !== null && this.#areApart(start, other)),
    );
  }

  /** Whether two sets surely have no character in common; told only where one of them is a single character. */
  #areApart(left: SetNode, right: SetNode): boolean {
    const [single, other] = left.literal === null ? [right, left] : [left, right];
    if (single.literal === null) return false;
    let set = this.#sets.get(other.source);
    if (set === undefined) {
      set = characterSet(other.source, this.flags);
      this.#sets.set(other.source, set);
    }
    return !set(single.literal.codePointAt(0)!);
  }
}

const inTurn = (left: Ways, right: Ways): Ways => ({
  paths: left.paths * right.paths,
  degree: left.degree + right.degree,
  walk: left.walk + right.walk,
});

/** The set that a repeat, also one in a group, repeats, and how many counts it may have. */
function repeatWithin(node: RegexNode): { set: SetNode; counts: number } | null {
  const inner = onlyOf(node);
  if (inner.kind !== 'repeat') return null;
  const set = onlyOf(inner.body);
  return set.kind === 'set' ? { set, counts: inner.max - inner.min + 1 } : null;
}

/** What stands alone in groups. */
function onlyOf(node: RegexNode): RegexNode {
  if (node.kind === 'group') return onlyOf(node.body);
  return node.kind === 'sequence' && node.parts.length === 1 ? onlyOf(node.parts[0]!) : node;
}

/** The set of characters that it must begin with, where that is plain to see. */
function firstSet(node: RegexNode): SetNode | null {
  if (node.kind === 'set') return node;
  if (node.kind === 'group') return firstSet(node.body);
  if (node.kind === 'sequence') return node.parts[0] === undefined ? null : firstSet(node.parts[0]);
  return node.kind === 'repeat' && node.min > 0 ? firstSet(node.body) : null;
}
