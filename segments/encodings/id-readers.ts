import type { ColumnReader, DictionaryReader, Value, ValueType } from '../../model/index.js';
import type { ScanColumn, ScanTexts } from '../types.js';
import { countParameter, type Width, widthParameter } from './checks.js';
import { type ContentFault, checkMost } from './content-checks.js';
import type { AttachedColumn, Position } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import { checkTexts } from './text-dictionary.js';

/** What all cells of a dictionary have in common, and how many there are. */
interface CellFacts {
  readonly type: ValueType;
  readonly multiValue: boolean;
  readonly size: number;
}

/** The cells that ids stand for, decoded when first asked for and kept in `known`. */
export class CellDictionary {
  readonly type: ValueType;
  readonly multiValue: boolean;
  readonly size: number;

  constructor(
    { type, multiValue, size }: CellFacts,
    private readonly decode: (id: number) => Value,
    private readonly known: (Value | undefined)[] = [],
  ) {
    this.type = type;
    this.multiValue = multiValue;
    this.size = size;
  }

  cell(id: number): Value {
    const known = this.known[id];
    if (known !== undefined) return known;
    const cell = this.decode(id);
    this.known[id] = cell;
    return cell;
  }
}

/** Whether the ids of rows are of `size` entries. */
export function checkIds(column: LoadedColumn, size: number): ContentFault {
  return checkMost(column, 'ids', widthParameter(column.entry)!, size - 1);
}

/** Of ids of texts. */
export const checkTextIds = (column: LoadedColumn): ContentFault =>
  checkTexts(column) ?? checkIds(column, countParameter(column.entry, 'size')!);

/** A column of ids in the block `ids`, `width` bytes each; `texts` where the cells are plain texts. */
export function attachIds(
  column: LoadedColumn,
  width: Width,
  cells: CellDictionary,
  texts: ScanTexts | null,
): AttachedColumn & { readonly scan: ScanColumn } {
  const scan: ScanColumn = {
    type: cells.type,
    layout: 'ids',
    width,
    address: column.address('ids'),
    nulls: null,
    base: 0,
    unit: 1,
    size: cells.size,
    values: null,
    texts,
  };
  if (width === 1) {
    const ids = column.u8('ids');
    return { reader: (position) => new IdReader8(position, ids, cells), scan };
  }
  if (width === 2) {
    const ids = column.u16('ids');
    return { reader: (position) => new IdReader16(position, ids, cells), scan };
  }
  const ids = column.u32('ids');
  return { reader: (position) => new IdReader32(position, ids, cells), scan };
}

// One class per array type: V8 specialises a line that sees a single type of array.
class IdReader8 implements ColumnReader, DictionaryReader {
  readonly type: ValueType;
  readonly exists = true;
  readonly dictionary = this;
  readonly multiValue: boolean;
  readonly size: number;

  constructor(
    private readonly position: Position,
    private readonly ids: Uint8Array,
    private readonly cells: CellDictionary,
  ) {
    this.type = cells.type;
    this.multiValue = cells.multiValue;
    this.size = cells.size;
  }

  get(): Value {
    return this.cells.cell(this.ids[this.position.row]!);
  }

  id(): number {
    return this.ids[this.position.row]!;
  }

  value(id: number): Value {
    return this.cells.cell(id);
  }
}

class IdReader16 implements ColumnReader, DictionaryReader {
  readonly type: ValueType;
  readonly exists = true;
  readonly dictionary = this;
  readonly multiValue: boolean;
  readonly size: number;

  constructor(
    private readonly position: Position,
    private readonly ids: Uint16Array,
    private readonly cells: CellDictionary,
  ) {
    this.type = cells.type;
    this.multiValue = cells.multiValue;
    this.size = cells.size;
  }

  get(): Value {
    return this.cells.cell(this.ids[this.position.row]!);
  }

  id(): number {
    return this.ids[this.position.row]!;
  }

  value(id: number): Value {
    return this.cells.cell(id);
  }
}

class IdReader32 implements ColumnReader, DictionaryReader {
  readonly type: ValueType;
  readonly exists = true;
  readonly dictionary = this;
  readonly multiValue: boolean;
  readonly size: number;

  constructor(
    private readonly position: Position,
    private readonly ids: Uint32Array,
    private readonly cells: CellDictionary,
  ) {
    this.type = cells.type;
    this.multiValue = cells.multiValue;
    this.size = cells.size;
  }

  get(): Value {
    return this.cells.cell(this.ids[this.position.row]!);
  }

  id(): number {
    return this.ids[this.position.row]!;
  }

  value(id: number): Value {
    return this.cells.cell(id);
  }
}
