import type { Cell } from '../cells.js';
import type { ColumnEntry } from '../format/directory.js';
import { checkBlocks, countParameter, narrow, widthFor, widthParameter } from './checks.js';
import { type Content, unsignedContent } from './content.js';
import type { AttachedColumn, BlockSink, Encoding, WrittenColumn } from './encoding.js';
import { attachIds, CellDictionary, checkTextIds } from './id-readers.js';
import type { LoadedColumn } from './loaded-column.js';
import {
  TEXT_CONTENTS,
  TextDictionary,
  textBlocks,
  textListOf,
  writeTexts,
} from './text-dictionary.js';
import { cellCount, type Facts, isTextList, type StringVector } from './vector.js';

/**
 * Single-value strings as ids into a dictionary, which is sorted unless said otherwise.
 *
 *     parameters          size: entries of the dictionary; width: 1, 2 or 4; order: 'arrival' in memory
 *                         only, where texts lie in any order and id 0 is null, whether there are nulls or not
 *     dictionary.bytes    see `text-dictionary.ts`; id 0 is null where there are nulls
 *     dictionary.offsets
 *     ids                 rowCount × width bytes, unsigned
 */
export const stringDictionary: Encoding<StringVector> = {
  name: 'string.dictionary',
  kind: 'STRING',
  rowBlocks: ['ids'],

  estimateBytes({ cells, rowCount }: StringVector, { multiValue }: Facts): number | null {
    return multiValue ? null : rowCount * widthFor(cellCount(cells) - 1);
  },

  write({ cells, ids, rowCount }: StringVector, facts: Facts, sink: BlockSink): WrittenColumn {
    const texts = isTextList(cells) ? cells : textListOf(cells as (string | null)[]);
    const { size } = texts;
    const width = widthFor(size - 1);
    writeTexts(texts, sink);
    sink.block('ids', [narrow(ids.subarray(0, rowCount), width)]);
    return { parameters: { size, width }, hasNulls: facts.hasNulls };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    const size = countParameter(entry, 'size');
    const width = widthParameter(entry);
    if (size === null || width === null) return 'want parameters size and width';
    return checkBlocks(entry, rowCount, {
      ...textBlocks(size),
      ids: width * rowCount,
    });
  },

  contents(entry: ColumnEntry): Readonly<Record<string, Content>> {
    return {
      ...TEXT_CONTENTS,
      ids: unsignedContent(widthParameter(entry)!),
    };
  },

  checkContent: checkTextIds,

  attach(column: LoadedColumn): AttachedColumn {
    const { entry } = column;
    const isSorted = entry.parameters.order !== 'arrival';
    const texts = new TextDictionary(column, entry.stats.hasNulls || !isSorted, isSorted);
    const decode = (id: number): Cell => texts.text(id);
    const size = countParameter(entry, 'size')!;
    const facts = { type: 'STRING', multiValue: false, size } as const;
    const cells = new CellDictionary(facts, decode, column.knownCells);
    return attachIds(column, widthParameter(entry)!, cells, texts.scan);
  },
};
