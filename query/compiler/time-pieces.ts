import { UserError } from '../../core/index.js';
import { type Granularity, type Node, parseGranularity } from '../../model/index.js';
import type { Columns } from './columns.js';

/** Where buckets of time begin. */
type Grain = Pick<Granularity, 'bucketStart' | 'nextBucket'>;

/** Nothing that is computed from `__time` changes within a bucket of each of these. */
export type Grains = readonly Grain[];

/** What names lead to, apart from any segment. */
export type VirtualNames = Pick<Columns, 'virtual' | 'following'>;

/** Of the stored columns that something is computed from. */
export const readsTimeAlone = (stored: ReadonlySet<string>): boolean =>
  stored.size === 1 && stored.has('__time');

/** The grains of a column that is computed from `__time` alone; null when it may change with every row. */
export function grainsOf(columns: VirtualNames, names: readonly string[]): Grains | null {
  const grains: Grain[] = [];
  for (const name of names) {
    const tree = columns.virtual(name)?.expression?.tree;
    const found =
      tree === undefined ? null : columns.following(name, () => grainsOfNode(columns, tree));
    if (found === null) return null;
    grains.push(...found);
  }
  return grains;
}

/** The same for an expression. */
export function grainsOfNode(columns: VirtualNames, node: Node): Grains | null {
  switch (node.kind) {
    case 'literal':
      return [];
    case 'identifier':
      return grainsOf(columns, [node.name]);
    case 'unary':
      return grainsOfNode(columns, node.operand);
    case 'binary':
      return united(columns, [node.left, node.right]);
    case 'call':
      return grainsOfCall(columns, node);
  }
}

function united(columns: VirtualNames, nodes: readonly Node[]): Grains | null {
  const all = nodes.map((node) => grainsOfNode(columns, node));
  return all.some((grains) => grains === null) ? null : (all as Grains[]).flat();
}

function grainsOfCall(columns: VirtualNames, node: Extract<Node, { kind: 'call' }>): Grains | null {
  const { name, args } = node;
  const [time, ...others] = args;
  const readsTime = time?.kind === 'identifier' && time.name === '__time';
  const literals = others.map((arg) => (arg.kind === 'literal' ? arg.value : undefined));
  if (readsTime && !literals.includes(undefined)) {
    if (name === 'timestamp_floor') return floorGrains(literals);
    if (name === 'timestamp_ceil') return floorGrains(literals)?.map(endingWithStart) ?? null;
    if (name === 'timestamp_extract') return extractGrains(literals);
  }
  return node.lambda === null ? united(columns, args) : null;
}

/** An empty text stands for no origin and no time zone; what else is wrong with them the interpreter says. */
function period(text: string, origin: unknown, timeZone: unknown): Grains | null {
  const isText = (value: unknown) =>
    value === undefined || value === null || typeof value === 'string';
  if (!isText(origin) || !isText(timeZone)) return null;
  try {
    return [
      parseGranularity(
        { type: 'period', period: text, origin: origin || null, timeZone: timeZone || null },
        'granularity',
      ),
    ];
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function floorGrains([text, origin, timeZone]: readonly unknown[]): Grains | null {
  return typeof text === 'string' ? period(text, origin, timeZone) : null;
}

/** Buckets that begin a millisecond later: what is rounded up changes behind the start of a period. */
const endingWithStart = (grain: Grain): Grain => ({
  bucketStart: (timeMs) => grain.bucketStart(timeMs - 1) + 1,
  nextBucket: (startMs) => grain.nextBucket(startMs - 1) + 1,
});

/** Units of a day or more change at midnight at the latest. */
const UNIT_PERIODS: Readonly<Record<string, string>> = {
  SECOND: 'PT1S',
  MINUTE: 'PT1M',
  HOUR: 'PT1H',
  DAY: 'P1D',
  DOW: 'P1D',
  ISODOW: 'P1D',
  DOY: 'P1D',
  WEEK: 'P1D',
  MONTH: 'P1M',
  QUARTER: 'P1M',
  YEAR: 'P1M',
  ISOYEAR: 'P1D',
  DECADE: 'P1M',
  CENTURY: 'P1M',
  MILLENNIUM: 'P1M',
};

function extractGrains([unit, timeZone]: readonly unknown[]): Grains | null {
  const text = typeof unit === 'string' ? UNIT_PERIODS[unit.toUpperCase()] : undefined;
  return text === undefined ? null : period(text, null, timeZone);
}
