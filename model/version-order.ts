/**
 * Maven's version order (maven.apache.org/pom.html, "Version Order Specification"): a version is
 * a list of numbers, qualifiers and, behind each hyphen or change between digits and letters,
 * a sublist. `1.0-SNAPSHOT` < `1.0` = `1` < `1.0-sp` < `1.0.1`.
 */
export function compareVersions(a: string, b: string): number {
  return compareItems(parseVersion(a), parseVersion(b));
}

type Item = bigint | string | Item[];

/** Known qualifiers in ascending order; the empty one is the release itself. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const ALIASES = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
]);
const SHORT = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

function parseVersion(text: string): Item[] {
  const lists: Item[][] = [[]];
  let list = lists[0]!;
  const openSublist = () => {
    const inner: Item[] = [];
    list.push(inner);
    lists.push(inner);
    list = inner;
  };
  const tokens = text.toLowerCase().match(/\d+|[^\d.-]+|[.-]/g) ?? [];
  let behindItem = false;
  for (const [index, token] of tokens.entries()) {
    if (token === '.' || token === '-') {
      if (!behindItem) list.push(0n);
      if (token === '-') openSublist();
      behindItem = false;
    } else {
      if (behindItem) openSublist();
      list.push(isNumber(token) ? BigInt(token) : qualifierOf(token, tokens[index + 1]));
      behindItem = true;
    }
  }
  for (const inner of lists.reverse()) dropTrailingNulls(inner);
  return lists.at(-1)!;
}

const isNumber = (token: string | undefined): boolean => token !== undefined && /^\d/.test(token);

/** `a1`, `b1` and `m1` abbreviate alpha, beta and milestone, but only before a digit. */
const qualifierOf = (token: string, next: string | undefined): string =>
  (isNumber(next) ? SHORT.get(token) : undefined) ?? ALIASES.get(token) ?? token;

function dropTrailingNulls(list: Item[]): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const item = list[i]!;
    if (compareToNothing(item) === 0) list.splice(i, 1);
    else if (!Array.isArray(item)) break;
  }
}

function compareItems(a: readonly Item[], b: readonly Item[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a[i];
    const right = b[i];
    const order =
      left === undefined
        ? -compareToNothing(right!)
        : right === undefined
          ? compareToNothing(left)
          : compareItem(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function compareItem(a: Item, b: Item): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareQualifiers(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return compareItems(a, b);
  return kind(a) - kind(b);
}

/** A qualifier comes before a sublist, and that before a number. */
const kind = (item: Item): number => (typeof item === 'string' ? 0 : Array.isArray(item) ? 1 : 2);

function compareToNothing(item: Item): number {
  if (typeof item === 'bigint') return item === 0n ? 0 : 1;
  if (typeof item === 'string') return compareQualifiers(item, '');
  for (const inner of item) {
    const order = compareToNothing(inner);
    if (order !== 0) return order;
  }
  return 0;
}

function compareQualifiers(a: string, b: string): number {
  const left = QUALIFIERS.indexOf(a);
  const right = QUALIFIERS.indexOf(b);
  if (left >= 0 || right >= 0) {
    return (left < 0 ? QUALIFIERS.length : left) - (right < 0 ? QUALIFIERS.length : right);
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
