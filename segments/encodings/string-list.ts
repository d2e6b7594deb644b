import { type Cell, cellOf } from '../cells.js';
import type { ColumnEntry } from '../format/directory.js';
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
import type { AttachedColumn, BlockSink, Encoding, WrittenColumn } from './encoding.js';
import { attachIds, CellDictionary, checkIds } from './id-readers.js';
import type { LoadedColumn } from './loaded-column.js';
import {
  checkTexts,
  TEXT_CONTENTS,
  TextDictionary,
  textBlocks,
  textListOf,
  writeTexts,
} from './text-dictionary.js';
import { textListsOf } from './text-lists.js';
import { cellCount, type Facts, type StringVector } from './vector.js';

/**
 * Multi-value strings: each distinct list is an entry of a second dictionary, a row holds its id.
 *
 *     parameters          size: texts; lists: distinct lists; elements: of all lists together;
 *                         width: 1, 2 or 4; nullText: 1 where some list has a null element, which
 *                         then is text 0, else 0; order: as in `string-dictionary.ts`, of texts and lists
 *     dictionary.bytes    the texts, see `text-dictionary.ts`
 *     dictionary.offsets
 *     lists.offsets       (lists + 1) × u32: list i is elements [offsets[i], offsets[i + 1]);
 *                         null is the list without elements and comes first
 *     lists.texts         elements × u32, ids of texts
 *     ids                 rowCount × width bytes, unsigned, ids of lists
 */
export const stringList: Encoding<StringVector> = {
  name: 'string.list',
  kind: 'STRING',
  rowBlocks: ['ids'],

  estimateBytes({ cells, rowCount }: StringVector, { multiValue }: Facts): number | null {
    return multiValue ? rowCount * widthFor(cellCount(cells) - 1) : null;
  },

  write(vector: StringVector, facts: Facts, sink: BlockSink): WrittenColumn {
    const { ids, rowCount } = vector;
    // There are lists among them.
    const cells = vector.cells as readonly Cell[];
    const { texts, offsets, codes } = textListsOf(cells);
    const width = widthFor(cells.length - 1);
    writeTexts(textListOf(texts), sink);
    sink.block('lists.offsets', [bytesOf(offsets)]);
    sink.block('lists.texts', [bytesOf(codes)]);
    sink.block('ids', [narrow(ids.subarray(0, rowCount), width)]);
    const parameters = {
      size: texts.length,
      lists: cells.length,
      elements: codes.length,
      width,
      nullText: texts[0] === null ? 1 : 0,
    };
    return { parameters, hasNulls: facts.hasNulls };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    const size = countParameter(entry, 'size');
    const lists = countParameter(entry, 'lists');
    const elements = countParameter(entry, 'elements');
    const width = widthParameter(entry);
    if (size === null || lists === null || elements === null || width === null) {
      return 'want parameters size, lists, elements and width';
    }
    return checkBlocks(entry, rowCount, {
      ...textBlocks(size),
      'lists.offsets': 4 * (lists + 1),
      'lists.texts': 4 * elements,
      ids: width * rowCount,
    });
  },

  contents(entry: ColumnEntry): Readonly<Record<string, Content>> {
    return {
      ...TEXT_CONTENTS,
      'lists.offsets': 'u32',
      'lists.texts': 'u32',
      ids: unsignedContent(widthParameter(entry)!),
    };
  },

  checkContent(column: LoadedColumn): ContentFault {
    const { size, lists, elements } = column.entry.parameters as Readonly<Record<string, number>>;
    return (
      checkTexts(column) ??
      checkOffsets(column.u32('lists.offsets'), elements!, 'lists.offsets') ??
      checkMost(column, 'lists.texts', 4, size! - 1) ??
      checkIds(column, lists!)
    );
  },

  attach(column: LoadedColumn): AttachedColumn {
    const { entry } = column;
    const { nullText, order } = entry.parameters;
    const texts = new TextDictionary(column, nullText === 1, order !== 'arrival');
    const offsets = column.u32('lists.offsets');
    const textIds = column.u32('lists.texts');
    const decode = (id: number): Cell => {
      const list = textIds.subarray(offsets[id]!, offsets[id + 1]!);
      return cellOf(Array.from(list, (textId) => texts.text(textId)));
    };
    const cells = new CellDictionary(
      { type: 'STRING', multiValue: true, size: countParameter(entry, 'lists')! },
      decode,
      column.knownCells,
    );
    const attached = attachIds(column, widthParameter(entry)!, cells, null);
    const elements = { texts: texts.scan, size: countParameter(entry, 'size')! };
    return { ...attached, scan: { ...attached.scan, elements } };
  },
};
