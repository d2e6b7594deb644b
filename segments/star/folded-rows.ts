import type { Aggregator, RowCursor } from '../../model/index.js';
import type { DoubleVector, FloatVector, LongWords } from '../encodings/vector.js';
import type { ColumnMemory } from '../seal/input.js';
import { doublesIn, gatherDoubles, gatherWords, longsIn } from '../seal/number-columns.js';
import type { Picks } from '../seal/picks.js';
import { countingUp } from '../seal/time-order.js';
import { foldDoublesByRecord, foldLongsByRecord, type RecordOfRows } from './fold-by-record.js';
import { foldSmallLongs, smallLongs } from './fold-small-longs.js';
import type { StoredColumn } from './stored-rows.js';

/** Rows of which columns may lie in memory. */
export interface RowsOfRecords extends RowCursor {
  stored(name: string): Pick<StoredColumn, 'memory'> | null;
}

type Numbers = LongWords | DoubleVector | FloatVector;

/** Metrics of base records, those of one column one after the other: it is read once. */
export class FoldedRows {
  #column: string | null = null;
  #numbers: Numbers | null = null;
  /** The same of LONGs, where they are small. */
  #small: Float64Array | null = null;

  constructor(
    private readonly rows: RowsOfRecords,
    private readonly base: RecordOfRows,
  ) {}

  /** What an aggregator makes of the rows of each record, told by loops over numbers; null where only its accumulator can tell. */
  of({ form, storedType }: Aggregator): Numbers | null {
    if (form?.kind === 'count') return this.#counts();
    if (form === undefined || !('input' in form)) return null;
    const { kind, type, input } = form;
    if (input.expression !== null || type !== storedType) return null;
    const numbers = this.#numbersOf(input.inputs[0]!);
    if (numbers?.kind !== type) return null;
    if (this.#small !== null) return foldSmallLongs(this.base, this.#small, kind);
    return numbers.kind === 'LONG'
      ? foldLongsByRecord(this.base, numbers, kind)
      : foldDoublesByRecord(this.base, numbers, kind);
  }

  #counts(): LongWords {
    const { recordOf, recordCount: rowCount } = this.base;
    const words = new Uint32Array(2 * rowCount);
    for (let row = 0; row < recordOf.length; row++) words[2 * recordOf[row]!]!++;
    return { kind: 'LONG', layout: 'words', rowCount, words, nulls: null };
  }

  #numbersOf(column: string): Numbers | null {
    if (column !== this.#column) {
      // The old ones are no longer needed while the new ones come.
      this.#numbers = null;
      this.#small = null;
      const memory = this.rows.stored(column)?.memory ?? null;
      this.#numbers = memory === null ? null : numbersIn(memory, this.rows.rowCount);
      this.#small = this.#numbers?.kind === 'LONG' ? smallLongs(this.#numbers) : null;
      this.#column = column;
    }
    return this.#numbers;
  }
}

/** Null where the column holds no numbers. */
function numbersIn(memory: ColumnMemory, rowCount: number): Numbers | null {
  const { type } = memory.scan;
  const all = (): Picks[] => {
    const rows = countingUp(rowCount);
    return [{ input: 0, rows, targets: rows }];
  };
  if (type === 'LONG') return gatherWords([longsIn(memory, rowCount, null)], all(), rowCount);
  if (type !== 'DOUBLE' && type !== 'FLOAT') return null;
  const column = doublesIn(memory, rowCount);
  return gatherDoubles([column], all(), rowCount, type);
}
