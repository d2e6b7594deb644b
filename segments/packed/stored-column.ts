import type { Long } from '../../core/index.js';
import type { CodedColumn, IndexableColumn } from '../../indexes/index.js';
import type { LoadedColumn } from '../encodings/loaded-column.js';
import { encodingNamed } from '../encodings/registry.js';
import { describeColumn } from '../format/stats.js';
import {
  doublesIn,
  gatherDoubles,
  gatherLongs,
  longsIn,
  unsignedIn,
} from '../seal/number-columns.js';
import type { Picks } from '../seal/picks.js';
import { countingUp } from '../seal/time-order.js';
import type { ScanColumn } from '../types.js';

/**
 * A column in memory as those who build indexes see it; null for one that can have none. Numbers may have another layout
 * than when they were written: what is built depends on values alone.
 */
export function storedColumn(column: LoadedColumn): IndexableColumn | null {
  const { entry, rowCount, buffer } = column;
  const scan = encodingNamed(entry.encoding)?.attach(column).scan ?? null;
  if (scan === null) return null;
  if (entry.type === 'STRING') return codedColumn(column, scan);
  if (entry.type === 'LONG') {
    const { min, max } = describeColumn(entry).stats as { min: Long | null; max: Long | null };
    const range = min === null || max === null ? null : { min, max };
    return gatherLongs([longsIn({ scan, buffer }, rowCount, range)], allRows(rowCount), rowCount);
  }
  if (entry.type !== 'DOUBLE' && entry.type !== 'FLOAT') return null;
  const doubles = [doublesIn({ scan, buffer }, rowCount)];
  return gatherDoubles(doubles, allRows(rowCount), rowCount, entry.type);
}

function allRows(rowCount: number): Picks[] {
  const rows = countingUp(rowCount);
  return [{ input: 0, rows, targets: rows }];
}

function codedColumn(column: LoadedColumn, { address, width }: ScanColumn): CodedColumn {
  const { entry, rowCount, buffer } = column;
  const { size, nullText = 0 } = entry.parameters;
  const isLists = entry.encoding === 'string.list';
  const offsets = column.u32('dictionary.offsets');
  return {
    kind: 'STRING',
    rowCount,
    ids: unsignedIn(buffer, address, width, rowCount),
    lists: isLists
      ? { offsets: column.u32('lists.offsets'), codes: column.u32('lists.texts') }
      : null,
    size: Number(size),
    hasNull: isLists ? nullText === 1 : entry.stats.hasNulls,
    texts: () => ({ bytes: column.u8('dictionary.bytes'), offsets }),
  };
}
