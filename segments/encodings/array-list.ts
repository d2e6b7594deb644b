import type { ArrayType, Scalar } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { compareElementsOf, type ListCell, ScalarTable } from '../lists.js';
import {
  bytesOf,
  checkBlocks,
  countParameter,
  narrow,
  widthFor,
  widthParameter,
} from './checks.js';
import { type Content, unsignedContent } from './content.js';
import { type ContentFault, checkMost, checkOffsets } from './content-checks.js';
import {
  checkElements,
  elementBlocks,
  elementContents,
  openElements,
  writeElements,
} from './element-values.js';
import type { AttachedColumn, BlockSink, Encoding, WrittenColumn } from './encoding.js';
import { attachIds, CellDictionary, checkIds } from './id-readers.js';
import type { LoadedColumn } from './loaded-column.js';
import type { ArrayVector, Facts } from './vector.js';

/**
 * Arrays: each distinct list is an entry of a dictionary, a row holds its id; each distinct element is an entry of
 * another one.
 *
 *     parameters      size: elements; lists: distinct lists; items: of all lists together; width: 1, 2 or 4;
 *                     nullElement: 1 where some list has a null element, which then is element 0, else 0;
 *                     nullList: 1 where some row is null, which then is list 0 and has no items, else 0;
 *                     order: as in `string-dictionary.ts`, of elements and lists
 *     (elements)      see `element-values.ts`
 *     lists.offsets   (lists + 1) × u32: list i is items [offsets[i], offsets[i + 1])
 *     lists.items     items × u32, ids of elements
 *     ids             rowCount × width bytes, unsigned, ids of lists
 */
export const arrayList: Encoding<ArrayVector> = {
  name: 'array.list',
  kind: 'ARRAY',
  rowBlocks: ['ids'],

  estimateBytes({ cells, rowCount }: ArrayVector): number {
    return rowCount * widthFor(cells.length - 1);
  },

  write({ type, cells, ids, rowCount }: ArrayVector, facts: Facts, sink: BlockSink): WrittenColumn {
    const elements = distinctElements(type, cells);
    const { offsets, items } = listsOf(cells, elements);
    const width = widthFor(cells.length - 1);
    writeElements(type, elements, sink);
    sink.block('lists.offsets', [bytesOf(offsets)]);
    sink.block('lists.items', [bytesOf(items)]);
    sink.block('ids', [narrow(ids.subarray(0, rowCount), width)]);
    const parameters = {
      size: elements.length,
      lists: cells.length,
      items: items.length,
      width,
      nullElement: elements[0] === null ? 1 : 0,
      nullList: cells[0] === null ? 1 : 0,
    };
    return { parameters, hasNulls: facts.hasNulls };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    const size = countParameter(entry, 'size');
    const lists = countParameter(entry, 'lists');
    const items = countParameter(entry, 'items');
    const width = widthParameter(entry);
    if (size === null || lists === null || items === null || width === null) {
      return 'want parameters size, lists, items and width';
    }
    return checkBlocks(entry, rowCount, {
      ...elementBlocks(entry.type as ArrayType, size),
      'lists.offsets': 4 * (lists + 1),
      'lists.items': 4 * items,
      ids: width * rowCount,
    });
  },

  contents(entry: ColumnEntry): Readonly<Record<string, Content>> {
    return {
      ...elementContents(entry.type as ArrayType),
      'lists.offsets': 'u32',
      'lists.items': 'u32',
      ids: unsignedContent(widthParameter(entry)!),
    };
  },

  checkContent(column: LoadedColumn): ContentFault {
    const { size, lists, items } = column.entry.parameters as Readonly<Record<string, number>>;
    return (
      checkElements(column.entry.type as ArrayType, column) ??
      checkOffsets(column.u32('lists.offsets'), items!, 'lists.offsets') ??
      checkMost(column, 'lists.items', 4, size! - 1) ??
      checkIds(column, lists!)
    );
  },

  attach(column: LoadedColumn): AttachedColumn {
    const { entry } = column;
    const { nullElement, nullList, order } = entry.parameters;
    const type = entry.type as ArrayType;
    const element = openElements(type, column, nullElement === 1, order !== 'arrival');
    const offsets = column.u32('lists.offsets');
    const items = column.u32('lists.items');
    const decode = (id: number): ListCell =>
      id === 0 && nullList === 1
        ? null
        : Array.from(items.subarray(offsets[id]!, offsets[id + 1]!), element);
    const cells = new CellDictionary(
      { type, multiValue: false, size: countParameter(entry, 'lists')! },
      decode,
      column.knownCells,
    );
    return attachIds(column, widthParameter(entry)!, cells, null);
  },
};

/** Ascending. */
function distinctElements(type: ArrayType, cells: readonly ListCell[]): Scalar[] {
  const table = new ScalarTable();
  for (const cell of cells) for (const element of cell ?? []) table.idOf(element);
  return table.values.sort(compareElementsOf(type));
}

function listsOf(
  cells: readonly ListCell[],
  elements: readonly Scalar[],
): { offsets: Uint32Array; items: Uint32Array } {
  const table = new ScalarTable();
  for (const element of elements) table.idOf(element);
  const offsets = new Uint32Array(cells.length + 1);
  for (const [i, cell] of cells.entries()) offsets[i + 1] = offsets[i]! + (cell?.length ?? 0);
  const items = new Uint32Array(offsets[cells.length]!);
  let at = 0;
  for (const cell of cells) for (const element of cell ?? []) items[at++] = table.idOf(element);
  return { offsets, items };
}
