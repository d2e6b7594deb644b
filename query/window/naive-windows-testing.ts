import type { JsonObject, Long } from '../../core/index.js';

/**
 * For tests: the operators of a window query over plain rows, slow and obvious. Partitions are lists of rows; aggregators are
 * functions of the rows of a frame.
 */

export type NaiveRow = Readonly<Record<string, NaiveValue>>;
export type NaiveValue = Long | string | readonly NaiveValue[] | null;
type Partitions = readonly (readonly NaiveRow[])[];

export interface NaiveAggregation {
  readonly spec: JsonObject & { readonly name: string };
  readonly of: (rows: readonly NaiveRow[]) => NaiveValue;
}

/** Parallel to what a query has in JSON; aggregators of frames come with what they are to give. */
export type NaiveOperator =
  | { type: 'naiveSort' | 'partitionSort'; columns: readonly NaiveOrder[] }
  | { type: 'naivePartition' | 'glueingPartition'; partitionColumns: readonly string[] }
  | { type: 'window'; processor: NaiveProcessor }
  | { type: 'scan'; offsetLimit?: { offset: number; limit: number }; ordering?: NaiveOrder[] };

export interface NaiveOrder {
  readonly column: string;
  readonly direction: 'ASC' | 'DESC';
}

export type NaiveProcessor =
  | { type: 'composing'; processors: readonly NaiveProcessor[] }
  | { type: 'rowNumber'; outputColumn: string }
  | { type: 'percentile'; outputColumn: string; numBuckets: number }
  | { type: 'rank'; outputColumn: string; group: readonly string[]; asPercent: boolean }
  | { type: 'denseRank'; outputColumn: string; group: readonly string[] }
  | { type: 'cumeDist'; outputColumn: string; group: readonly string[] }
  | { type: 'first' | 'last'; inputColumn: string; outputColumn: string }
  | { type: 'offset'; inputColumn: string; outputColumn: string; offset: number }
  | { type: 'framedAgg'; frame: NaiveFrame; aggregations: readonly NaiveAggregation[] };

export type NaiveFrame =
  | { type: 'unbounded' }
  | { type: 'rows'; lowerOffset: number | null; upperOffset: number | null }
  | {
      type: 'groups';
      lowerOffset: number | null;
      upperOffset: number | null;
      orderByColumns: readonly string[];
    };

/** The JSON of operators, without the functions. */
export const toJson = (operators: readonly NaiveOperator[]): JsonObject[] =>
  JSON.parse(
    JSON.stringify(operators, (key, value) =>
      key === 'aggregations' ? value.map(({ spec }: NaiveAggregation) => spec) : value,
    ),
  );

export const naiveWindows = (
  rows: readonly NaiveRow[],
  operators: readonly NaiveOperator[],
): readonly NaiveRow[] => operators.reduce<Partitions>(apply, [rows]).flat();

function apply(partitions: Partitions, operator: NaiveOperator): Partitions {
  switch (operator.type) {
    case 'naiveSort':
      return [sorted(partitions.flat(), operator.columns)];
    case 'partitionSort':
      return partitions.map((rows) => sorted(rows, operator.columns));
    case 'naivePartition':
    case 'glueingPartition':
      return runs(partitions.flat(), operator.partitionColumns);
    case 'window':
      return partitions
        .filter((rows) => rows.length > 0)
        .map((rows) => processed(rows, operator.processor));
    case 'scan': {
      const { ordering = [], offsetLimit } = operator;
      const all = ordering.length > 0 ? [sorted(partitions.flat(), ordering)] : partitions;
      if (offsetLimit === undefined) return all;
      const { offset, limit } = offsetLimit;
      let seen = 0;
      return all.map((rows) => rows.filter(() => seen++ >= offset && seen <= offset + limit));
    }
  }
}

function compare(a: NaiveValue, b: NaiveValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return a < b ? -1 : a > b ? 1 : 0;
}

const sorted = (rows: readonly NaiveRow[], orders: readonly NaiveOrder[]): NaiveRow[] =>
  [...rows].sort((a, b) => {
    for (const { column, direction } of orders) {
      const order = compare(a[column]!, b[column]!);
      if (order !== 0) return direction === 'ASC' ? order : -order;
    }
    return 0;
  });

function runs(rows: readonly NaiveRow[], columns: readonly string[]): NaiveRow[][] {
  const found: NaiveRow[][] = [];
  for (const row of rows) {
    const last = found.at(-1)?.at(-1);
    const isSame =
      last !== undefined && columns.every((name) => compare(last[name]!, row[name]!) === 0);
    if (isSame) found.at(-1)!.push(row);
    else found.push([row]);
  }
  return found;
}

function processed(rows: readonly NaiveRow[], processor: NaiveProcessor): readonly NaiveRow[] {
  const each = (value: (row: NaiveRow, at: number) => NaiveValue) =>
    rows.map((row, at) => ({
      ...row,
      [(processor as { outputColumn: string }).outputColumn]: value(row, at),
    }));
  switch (processor.type) {
    case 'composing':
      return processor.processors.reduce(processed, rows);
    case 'rowNumber':
      return each((_, at) => at + 1);
    case 'percentile': {
      const buckets = Array.from({ length: processor.numBuckets }, (_, i) => {
        const size = Math.floor(rows.length / processor.numBuckets);
        return new Array<number>(size + (i < rows.length % processor.numBuckets ? 1 : 0)).fill(
          i + 1,
        );
      }).flat();
      return each((_, at) => buckets[at]!);
    }
    case 'rank':
    case 'denseRank':
    case 'cumeDist': {
      const peers = runs(rows, processor.group);
      return each((row) => {
        const own = peers.findIndex((group) => group.includes(row));
        const before = peers.slice(0, own).flat().length;
        if (processor.type === 'denseRank') return own + 1;
        if (processor.type === 'cumeDist') return (before + peers[own]!.length) / rows.length;
        if (!processor.asPercent) return before + 1;
        return rows.length === 1 ? 0 : before / (rows.length - 1);
      });
    }
    case 'first':
      return each(() => rows[0]![processor.inputColumn]!);
    case 'last':
      return each(() => rows.at(-1)![processor.inputColumn]!);
    case 'offset':
      return each((_, at) => rows[at + processor.offset]?.[processor.inputColumn] ?? null);
    case 'framedAgg':
      return rows.map((row, at) => {
        const frame = frameOf(rows, at, processor.frame);
        const values = processor.aggregations.map(({ spec, of }) => [spec.name, of(frame)]);
        return { ...row, ...Object.fromEntries(values) };
      });
  }
}

function frameOf(rows: readonly NaiveRow[], at: number, frame: NaiveFrame): readonly NaiveRow[] {
  if (frame.type === 'unbounded') return rows;
  const isIn = (distance: number) =>
    (frame.lowerOffset === null || distance >= frame.lowerOffset) &&
    (frame.upperOffset === null || distance <= frame.upperOffset);
  if (frame.type === 'rows') return rows.filter((_, other) => isIn(other - at));
  const groups = runs(rows, frame.orderByColumns);
  const own = groups.findIndex((group) => group.includes(rows[at]!));
  return groups.filter((_, other) => isIn(other - own)).flat();
}
