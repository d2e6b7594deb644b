/** A parsed regular expression, written as JavaScript and run by our own matcher. */

/** Places between two characters. */
export type Edge =
  | 'start'
  | 'end'
  | 'endOfInput'
  | 'startOfLine'
  | 'endOfLine'
  | 'word'
  | 'notWord';

/** One character out of a set; `literal` where it is a single one. */
export interface SetNode {
  readonly kind: 'set';
  /** As JavaScript's flag v has it. */
  readonly source: string;
  readonly literal: string | null;
}

export interface RepeatNode {
  readonly kind: 'repeat';
  readonly body: RegexNode;
  readonly min: number;
  /** Infinity where there is no end. */
  readonly max: number;
  readonly isLazy: boolean;
}

export type RegexNode =
  | SetNode
  | RepeatNode
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexNode[] }
  | {
      readonly kind: 'group';
      /** From 1. */
      readonly index: number;
      readonly name: string | null;
      readonly body: RegexNode;
    }
  | {
      readonly kind: 'look';
      readonly isBehind: boolean;
      readonly isNegated: boolean;
      readonly body: RegexNode;
    }
  | { readonly kind: 'reference'; readonly group: number | string };

/** What a node holds. */
function childrenOf(node: RegexNode): readonly RegexNode[] {
  if (node.kind === 'sequence') return node.parts;
  if (node.kind === 'choice') return node.options;
  return 'body' in node ? [node.body] : [];
}

/** A node and all within it, outer ones first. */
export function* nodesOf(node: RegexNode): Generator<RegexNode> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}

/** How many nodes there are when every counted repeat is written out. */
export function expandedSize(node: RegexNode): number {
  const inside = childrenOf(node).reduce((sum, child) => sum + expandedSize(child), 1);
  if (node.kind !== 'repeat') return inside;
  return inside * Math.max(1, Number.isFinite(node.max) ? node.max : node.min + 1);
}

/** Whether a node can match the empty text. */
export function isNullable(node: RegexNode): boolean {
  if (node.kind === 'set') return false;
  if (node.kind === 'sequence') return node.parts.every(isNullable);
  if (node.kind === 'choice') return node.options.some(isNullable);
  if (node.kind === 'group') return isNullable(node.body);
  if (node.kind === 'repeat') return node.min === 0 || isNullable(node.body);
  return true;
}

/** Whether V8 finds the same texts as Java: to it a group that took no part is the empty text. */
export const findsAsJava = (tree: RegexNode): boolean =>
  [...nodesOf(tree)].every(({ kind }) => kind !== 'reference');

/**
 * Whether V8 also tells of groups what Java does. V8 forgets them as an iteration begins, and takes back one that read
 * nothing; Java keeps what they matched last, and goes on behind such an iteration.
 */
export const matchesAsJava = (tree: RegexNode): boolean =>
  findsAsJava(tree) &&
  [...nodesOf(tree)].every(
    (node) => node.kind !== 'repeat' || (!skipsGroup(node.body) && !showsEmptiness(node.body)),
  );

const hasGroup = (node: RegexNode): boolean =>
  [...nodesOf(node)].some(({ kind }) => kind === 'group');

/** Whether a match of it may leave out a group. */
function skipsGroup(node: RegexNode): boolean {
  const isOptional = node.kind === 'choice' || (node.kind === 'repeat' && node.min === 0);
  return isOptional ? hasGroup(node) : childrenOf(node).some(skipsGroup);
}

/** Whether it can match nothing, and not only for want of something longer, or with a trace. */
const showsEmptiness = (node: RegexNode): boolean =>
  isNullable(node) &&
  [...nodesOf(node)].some(
    (inner) =>
      inner.kind === 'group' ||
      inner.kind === 'choice' ||
      (inner.kind === 'repeat' && inner.isLazy),
  );

/** The numbers of the groups that have a name. */
export const namedGroups = (tree: RegexNode): ReadonlyMap<string, number> =>
  new Map(
    [...nodesOf(tree)].flatMap((node) =>
      node.kind === 'group' && node.name !== null ? [[node.name, node.index] as const] : [],
    ),
  );

const TERMINATOR = '[\\n\\r\\u0085\\u2028\\u2029]';

/** Flag m is never set, so that ^ and $ are the ends of the text. */
const NOT_IN_BREAK = '(?<!\\r(?=\\n))';
const EDGES: Readonly<Record<Edge, string>> = {
  start: '^',
  end: '$',
  endOfInput: `(?=(?:\\r\\n|${TERMINATOR})?$)${NOT_IN_BREAK}`,
  startOfLine: `(?<=^|${TERMINATOR})${NOT_IN_BREAK}(?!$)`,
  endOfLine: `(?=${TERMINATOR}|$)${NOT_IN_BREAK}`,
  word: '\\b',
  notWord: '\\B',
};

/** The source of a JavaScript expression with flag v. */
export function printRegex(node: RegexNode): string {
  switch (node.kind) {
    case 'set':
      return node.source;
    case 'edge':
      return EDGES[node.edge];
    case 'sequence':
      return node.parts
        .map((part) => (part.kind === 'choice' ? `(?:${printRegex(part)})` : printRegex(part)))
        .join('');
    case 'choice':
      return node.options.map(printRegex).join('|');
    case 'group':
      return `(${node.name === null ? '' : `?<${node.name}>`}${printRegex(node.body)})`;
    case 'look':
      return `(?${node.isBehind ? '<' : ''}${node.isNegated ? '!' : '='}${printRegex(node.body)})`;
    case 'reference':
      return typeof node.group === 'number' ? `(?:\\${node.group})` : `\\k<${node.group}>`;
    case 'repeat':
      return printRepeat(node);
  }
}

function printRepeat({ body, min, max, isLazy }: RepeatNode): string {
  const source = printRegex(body);
  const isAtom = (body.kind === 'set' && source !== '') || body.kind === 'group';
  const count = `{${min},${Number.isFinite(max) ? max : ''}}`;
  return `${isAtom ? source : `(?:${source})`}${count}${isLazy ? '?' : ''}`;
}
