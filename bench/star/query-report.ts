import { table } from '../query/markdown.js';
import { geometricMean } from '../query/statistics.js';
import type { Configuration } from './load-spec.js';
import { cpuRatioOf, type Measured, ratioOf, sqlRatioOf } from './measure.js';
import type { FileSizes } from './segment-files.js';

/** What was asked of one table. */
export interface Asked {
  readonly dataSet: string;
  readonly configuration: Configuration;
  readonly rows: number;
  /** The others are these again, in segments of their own. */
  readonly distinctRows: number;
  /** By segment. */
  readonly sizes: readonly FileSizes[];
  readonly measured: readonly Measured[];
}

/** As Markdown: queries that trees answer, how those ratios come out, and queries that had to be scanned. */
export function askedText({ measured, ...asked }: Asked): string {
  const answered = measured.filter(({ trees }) => trees.length > 0);
  const scanned = measured.filter(({ trees }) => trees.length === 0);
  return [
    titleText(asked),
    treesText(asked.sizes[0]!),
    answeredText(answered),
    ratiosText(answered, measured, asked.rows),
    scannedText(scanned),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function titleText({
  dataSet,
  configuration,
  rows,
  distinctRows,
  sizes,
}: Omit<Asked, 'measured'>): string {
  const trees = configuration === 'set' ? 'trees as configured' : 'derived trees';
  const copies =
    distinctRows < rows
      ? `, of which the first ${number(distinctRows)} are in all others again`
      : '';
  return `### ${dataSet}, ${trees}: ${number(rows)} rows in ${sizes.length} segments${copies}`;
}

function treesText({ trees, rowBytes }: FileSizes): string {
  const lines = trees.map(({ dimensions, records, bytes }, i) => [
    String(i + 1),
    dimensions,
    number(records),
    (bytes / 1e6).toFixed(1),
    share(bytes, rowBytes),
  ]);
  return table(['tree', 'dimensions', 'records', 'MB', 'of the rest'], lines);
}

function answeredText(measured: readonly Measured[]): string {
  const lines = measured.map((one) => [
    one.id,
    ms(one.msWithout),
    ms(one.msWith),
    ms(one.msPlanning),
    `${ratioOf(one).toFixed(1)}x`,
    `${sqlRatioOf(one).toFixed(1)}x`,
    ms(one.cpuMsWithout),
    ms(one.cpuMsWith),
    number(one.rowsScanned),
    number(one.records),
    one.trees.map((tree) => tree + 1).join(' '),
  ]);
  const head = ['query', 'ms without', 'ms with', 'SQL', 'ratio', 'with SQL', 'CPU ms', 'with'];
  return table([...head, 'rows', 'records', 'tree'], lines);
}

/** How many times as fast queries by trees have to be than scans: least of rows, ratio. */
const REQUIRED = [
  [50_000_000, 100],
  [5_000_000, 20],
] as const;

function ratiosText(
  answered: readonly Measured[],
  measured: readonly Measured[],
  rows: number,
): string {
  const count = measured.filter(({ isUnanswerable }) => !isUnanswerable).length;
  const required = REQUIRED.find(([least]) => rows >= least)?.[1];
  const of = (ratio: (one: Measured) => number): string => {
    const ratios = answered.map(ratio);
    const least = Math.min(...ratios);
    const slowest = answered[ratios.indexOf(least)]?.id;
    return `geometric mean ${geometricMean(ratios).toFixed(1)}x, smallest ${least.toFixed(1)}x (${slowest})`;
  };
  return `${answered.length} of ${count} queries by trees, in the engine: ${of(ratioOf)}; with reading and planning SQL: ${of(sqlRatioOf)}; by CPU time of all threads: ${of(cpuRatioOf)}.${required === undefined ? '' : ` Required: ${required}x.`}`;
}

function scannedText(scanned: readonly Measured[]): string {
  if (scanned.length === 0) return '';
  const lines = scanned.map((one) => [
    one.id,
    ms(one.msWithout),
    ms(one.msWith),
    `${(100 * (one.msWith / one.msWithout - 1)).toFixed(1)} %`,
    one.isUnanswerable ? 'on purpose' : 'no tree has it',
  ]);
  return table(['scanned', 'ms, flag off', 'ms, flag on', 'difference', 'why'], lines);
}

export const number = (value: number): string => value.toLocaleString('en-US');

export const share = (part: number, whole: number): string =>
  `${((100 * part) / whole).toFixed(1)} %`;

const ms = (value: number): string => value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 1);
