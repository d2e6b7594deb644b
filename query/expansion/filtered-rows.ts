import { type Filter, TRUE } from '../../model/index.js';
import type { OpenScan } from '../interpreter/walk.js';
import { type ExpandedRows, NO_COLUMNS } from './expanded-segment.js';
import { RowList } from './row-list.js';

/** Takes rows of a segment one after the other, on which the cursor of a scan stands, and keeps those that pass. */
export class FilteredRows {
  readonly #rows = new RowList();
  readonly #passes: () => number;

  constructor(
    private readonly scan: OpenScan,
    filter: Filter,
  ) {
    this.#passes = filter.predicate(scan.cursor);
  }

  add(): void {
    if (this.#passes() === TRUE) this.#rows.push(this.scan.cursor.row);
  }

  get expanded(): ExpandedRows {
    return { rows: this.#rows.rows, added: NO_COLUMNS };
  }
}
