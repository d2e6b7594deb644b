import { printRegex, type RegexNode } from './tree.js';

/** By group: start and end, or null where it took no part. */
export type Groups = readonly (readonly [number, number] | null)[];
type Rest = (at: number, groups: Groups) => Groups | null;

const STEPS_MAX = 20_000;

/**
 * For tests: all matches as Java finds them, by trying everything: the rest of the pattern is a function that is called
 * where a part has matched. Null where that takes too long.
 */
export function naiveMatches(tree: RegexNode, flags: string, text: string): Groups[] | null {
  const found: Groups[] = [];
  let steps = 0;

  const isSame = (one: string, other: string): boolean =>
    one === other || new RegExp(`^[${one}]$`, flags).test(other);

  function match(
    node: RegexNode,
    at: number,
    groups: Groups,
    back: boolean,
    rest: Rest,
  ): Groups | null {
    if (++steps > STEPS_MAX) throw new RangeError('too many steps');
    switch (node.kind) {
      case 'set': {
        const before = [...text.slice(0, at)].at(-1);
        const one = back ? before : [...text.slice(at)][0];
        if (one === undefined || !new RegExp(`^${node.source}$`, flags).test(one)) return null;
        return rest(at + (back ? -one.length : one.length), groups);
      }
      case 'edge': {
        const here = new RegExp(printRegex(node), `${flags}y`);
        here.lastIndex = at;
        return here.test(text) ? rest(at, groups) : null;
      }
      case 'sequence': {
        const [first, ...others] = back ? node.parts.toReversed() : node.parts;
        if (first === undefined) return rest(at, groups);
        const parts = back ? others.toReversed() : others;
        return match(first, at, groups, back, (end, known) =>
          match({ kind: 'sequence', parts }, end, known, back, rest),
        );
      }
      case 'choice':
        for (const option of node.options) {
          const result = match(option, at, groups, back, rest);
          if (result !== null) return result;
        }
        return null;
      case 'group':
        return match(node.body, at, groups, back, (end, known) =>
          rest(end, known.with(node.index, [Math.min(at, end), Math.max(at, end)])),
        );
      case 'look': {
        const inside = match(node.body, at, groups, node.isBehind, (_, known) => known);
        if (node.isNegated) return inside === null ? rest(at, groups) : null;
        return inside === null ? null : rest(at, inside);
      }
      case 'reference': {
        const known = groups[Number(node.group)] ?? null;
        if (known === null) return null;
        const wanted = text.slice(...known);
        const end = at + (back ? -wanted.length : wanted.length);
        const got = text.slice(Math.min(at, end), Math.max(at, end));
        const equal = [...wanted].every((one, i) => isSame(one, [...got][i] ?? ''));
        return end >= 0 && equal && got.length === wanted.length ? rest(end, groups) : null;
      }
      case 'repeat': {
        const iterate = (count: number, from: number, known: Groups): Groups | null => {
          const more = () =>
            match(node.body, from, known, back, (end, after) =>
              end === from ? rest(end, after) : iterate(count + 1, end, after),
            );
          if (count < node.min) return more();
          if (count >= node.max) return rest(from, known);
          return node.isLazy ? (rest(from, known) ?? more()) : (more() ?? rest(from, known));
        };
        return iterate(0, at, groups);
      }
    }
  }

  const none: Groups = Array.from({ length: 20 }, () => null);
  try {
    for (let from = 0; from <= text.length; ) {
      const groups = match(tree, from, none, false, (end, known) => known.with(0, [from, end]));
      const step = [...text.slice(from)][0]?.length ?? 1;
      if (groups !== null) found.push(groups);
      const end = groups?.[0]?.[1] ?? from;
      from = end > from ? end : from + step;
    }
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  return found;
}
