import { JSON_TYPE, Json } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { checkBlocks, countParameter, narrow, widthFor, widthParameter } from './checks.js';
import { type Content, unsignedContent } from './content.js';
import type { AttachedColumn, BlockSink, Encoding, WrittenColumn } from './encoding.js';
import { attachIds, CellDictionary, checkTextIds } from './id-readers.js';
import type { LoadedColumn } from './loaded-column.js';
import { TEXT_CONTENTS, TextDictionary, textBlocks, writeTexts } from './text-dictionary.js';
import type { Facts, JsonVector } from './vector.js';

/**
 * JSON as ids into a dictionary of its texts, as `string-dictionary.ts` has them.
 *
 *     parameters          size, width, order: as there; paths: 'all' where whatever lies at a path that is no column of
 *                         the segment is null, 'some' or 'none' where it has to be looked for in the texts
 *     dictionary.bytes    JSON without blanks; id 0 is null where there are nulls
 *     dictionary.offsets
 *     ids                 rowCount × width bytes, unsigned
 */
export const jsonDictionary: Encoding<JsonVector> = {
  name: 'json.dictionary',
  kind: 'JSON',
  rowBlocks: ['ids'],

  estimateBytes({ texts, rowCount }: JsonVector): number {
    return rowCount * widthFor(texts.size - 1);
  },

  write({ texts, ids, rowCount, paths }: JsonVector, facts: Facts, sink: BlockSink): WrittenColumn {
    const { size } = texts;
    const width = widthFor(size - 1);
    writeTexts(texts, sink);
    sink.block('ids', [narrow(ids.subarray(0, rowCount), width)]);
    return { parameters: { size, width, paths }, hasNulls: facts.hasNulls };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    const size = countParameter(entry, 'size');
    const width = widthParameter(entry);
    if (size === null || width === null) return 'want parameters size and width';
    if (!['all', 'some', 'none'].includes(String(entry.parameters.paths))) {
      return 'want a parameter paths';
    }
    return checkBlocks(entry, rowCount, { ...textBlocks(size), ids: width * rowCount });
  },

  contents(entry: ColumnEntry): Readonly<Record<string, Content>> {
    return { ...TEXT_CONTENTS, ids: unsignedContent(widthParameter(entry)!) };
  },

  checkContent: checkTextIds,

  attach(column: LoadedColumn): AttachedColumn {
    const { entry } = column;
    const isSorted = entry.parameters.order !== 'arrival';
    const texts = new TextDictionary(column, entry.stats.hasNulls || !isSorted, isSorted);
    const facts = {
      type: JSON_TYPE,
      multiValue: false,
      size: countParameter(entry, 'size')!,
    } as const;
    const decode = (id: number): Json | null => {
      const text = texts.text(id);
      return text === null ? null : Json.ofText(text);
    };
    const cells = new CellDictionary(facts, decode, column.knownCells);
    const { scan, reader } = attachIds(column, widthParameter(entry)!, cells, null);
    return { reader, scan: scan && { ...scan, jsonTexts: texts.scan } };
  },
};
