import {
  type ColumnReader,
  type Filter,
  NULL_READER,
  type RowSource,
  TRUE,
  type Value,
} from '../../model/index.js';
import { DimensionValues } from '../interpreter/group-table.js';
import type { OpenScan } from '../interpreter/walk.js';
import type { UnnestSource } from '../native/query.js';
import {
  type AddedColumns,
  described,
  type ExpandedRows,
  valuesReader,
} from './expanded-segment.js';
import { RowList } from './row-list.js';
import { adds, typeOfElements } from './sources.js';

/** Takes rows of a segment one after the other, on which the cursor of a scan stands, and knows those that they become. */
export class UnnestRows {
  readonly #values = new DimensionValues();
  readonly #rows = new RowList();
  readonly #ordinals = new RowList();
  /** By number of an element: whether it passes. */
  readonly #passes: boolean[] = [];
  readonly #test: (element: Value) => boolean;
  readonly #elements: () => readonly number[];

  constructor(
    private readonly scan: OpenScan,
    private readonly source: UnnestSource,
  ) {
    const { column, filter } = source;
    this.#test = elementTest(filter, column.name, typeOfElements(column.outputType));
    this.#elements = this.#elementsOf(column.reader(scan.cursor));
  }

  add(): void {
    const { row } = this.scan.cursor;
    for (const ordinal of this.#elements()) {
      this.#rows.push(row);
      this.#ordinals.push(ordinal);
    }
  }

  get expanded(): ExpandedRows {
    return { rows: this.#rows.rows, added: this.#added(this.#ordinals.rows) };
  }

  #added(ordinals: Uint32Array): AddedColumns {
    const { name, outputType } = this.source.column;
    const type = typeOfElements(outputType);
    const values = this.#values.all;
    return {
      columns: [described({ name, type, multiValue: false })],
      has: (asked) => adds(this.source, asked),
      reader: (asked, row) =>
        asked === name ? valuesReader(type, false, values, () => ordinals[row()]!) : NULL_READER,
    };
  }

  /** The numbers of the elements that pass of a cell: once per distinct cell where the column has a dictionary. */
  #elementsOf(reader: ColumnReader): () => readonly number[] {
    const { dictionary } = reader;
    if (dictionary === undefined) return () => this.#passing(reader.get());
    const known: (readonly number[] | undefined)[] = [];
    return () => {
      const id = dictionary.id();
      known[id] ??= this.#passing(dictionary.value(id));
      return known[id];
    };
  }

  #passing(cell: Value): readonly number[] {
    if (cell === null) return [];
    const elements = (Array.isArray(cell) ? cell : [cell]) as readonly Value[];
    return elements.map((element) => this.#ordinal(element)).filter((i) => this.#passes[i]);
  }

  #ordinal(element: Value): number {
    const ordinal = this.#values.ordinal(element);
    this.#passes[ordinal] ??= this.#test(element);
    return ordinal;
  }
}

/** Whether an element passes a filter that knows its column alone. */
function elementTest(
  filter: Filter | null,
  name: string,
  type: ColumnReader['type'],
): (element: Value) => boolean {
  if (filter === null) return () => true;
  let current: Value = null;
  const reader: ColumnReader = { type, multiValue: false, exists: true, get: () => current };
  const source: RowSource = { column: (column) => (column === name ? reader : NULL_READER) };
  const predicate = filter.predicate(source);
  return (element) => {
    current = element;
    return predicate() === TRUE;
  };
}
