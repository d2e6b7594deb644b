import { UserError } from '../../core/index.js';
import {
  type Aggregator,
  type ColumnReader,
  type Dimension,
  type Granularity,
  isArrayType,
  type Value,
} from '../../model/index.js';
import { bucketFinder } from './buckets.js';
import { GroupTable } from './group-table.js';
import type { OpenScan } from './walk.js';

/** How cells of multi-value dimensions become groups. */
export interface GroupRules {
  /** A cell of which a filtered dimension left nothing: a null group, or none. */
  readonly emptyCells: 'null' | 'skip';
  /** False: a cell with several values fails the query. */
  readonly unnesting: boolean;
}

export interface GroupPlan extends GroupRules {
  readonly granularity: Granularity;
  readonly dimensions: readonly Dimension[];
  readonly aggregations: readonly Aggregator[];
}

/**
 * Whether the answer is the same in whatever order rows are folded: sums of doubles round differently, first
 * and last values depend on it.
 */
export const isOrderFree = ({ aggregations }: GroupPlan): boolean => aggregations.every(isFree);

function isFree({ form }: Aggregator): boolean {
  if (form === undefined || form.kind === 'row') return false;
  if (form.kind === 'filtered') return isFree(form.aggregator);
  if (form.kind === 'folds') return form.isOrderFree;
  return form.kind !== 'sum' || form.type === 'LONG';
}

/** The ordinals of a cell: one, or one per element of a multi-value cell. */
type CellOrdinals = number | readonly number[];

/**
 * Folds rows into groups. `add` takes the row that the scan's cursor stands on; a row with
 * multi-value cells falls into one group per combination of their elements.
 */
export class RowGrouper {
  readonly table: GroupTable;
  readonly #bucketOf: (timeMs: number) => number;
  readonly #cells: readonly (() => CellOrdinals)[];
  readonly #fold: readonly ((group: number) => void)[];
  readonly #timeMs: () => number;
  readonly #ordinals: number[];

  /** Adds to `table`, where there is one already. */
  constructor(
    scan: OpenScan,
    plan: GroupPlan,
    table = new GroupTable(plan.dimensions.length, plan.aggregations, scan.target.limits.maxGroups),
  ) {
    const { dimensions, aggregations } = plan;
    this.table = table;
    this.#bucketOf = bucketFinder(plan.granularity);
    this.#timeMs = plan.granularity.kind === 'all' ? () => 0 : () => scan.cursor.timeMs();
    this.#cells = dimensions.map((dimension, i) =>
      cellOrdinals(table, i, dimension, dimension.reader(scan.source), plan),
    );
    this.#fold = aggregations.map((aggregator, i) => {
      const accumulator = aggregator.accumulator(scan.source);
      const states = table.states[i]!;
      return (group) => {
        states[group] = accumulator.fold(states[group]!);
      };
    });
    this.#ordinals = new Array<number>(dimensions.length).fill(0);
  }

  add(): void {
    this.#addFrom(0, this.#bucketOf(this.#timeMs()));
  }

  /** Fills the ordinals from dimension `at` on, branching at cells with several values. */
  #addFrom(at: number, bucketMs: number): void {
    const cells = this.#cells;
    const ordinals = this.#ordinals;
    for (let i = at; i < cells.length; i++) {
      const cell = cells[i]!();
      if (typeof cell === 'number') {
        ordinals[i] = cell;
        continue;
      }
      for (const ordinal of cell) {
        ordinals[i] = ordinal;
        this.#addFrom(i + 1, bucketMs);
      }
      return;
    }
    const group = this.table.group(bucketMs, ordinals);
    for (const fold of this.#fold) fold(group);
  }
}

/** Reads a dimension's cell as ordinals: once per distinct cell where the column has a dictionary. */
function cellOrdinals(
  table: GroupTable,
  index: number,
  dimension: Dimension,
  reader: ColumnReader,
  rules: GroupRules,
): () => CellOrdinals {
  const wholeLists = isArrayType(dimension.outputType);
  const ordinalsOf = (cell: Value): CellOrdinals => {
    if (wholeLists || !Array.isArray(cell)) return table.ordinal(index, cell);
    if (cell.length === 0) return rules.emptyCells === 'skip' ? [] : table.ordinal(index, null);
    if (!rules.unnesting && cell.length > 1) throw refusedMultiValue(dimension.outputName);
    return (cell as readonly Value[]).map((value) => table.ordinal(index, value));
  };
  const { dictionary } = reader;
  if (dictionary === undefined) return () => ordinalsOf(reader.get());
  const known: (CellOrdinals | undefined)[] = [];
  return () => {
    const id = dictionary.id();
    const cell = known[id];
    if (cell !== undefined) return cell;
    const ordinals = ordinalsOf(dictionary.value(id));
    known[id] = ordinals;
    return ordinals;
  };
}

const refusedMultiValue = (name: string): UserError =>
  new UserError(
    `Encountered multi-value dimension [${name}] that cannot be processed with 'groupByEnableMultiValueUnnesting' set to false; set it to true, or group by an array: "outputType": "ARRAY<STRING>"`,
    'query',
    'dimensions',
  );
