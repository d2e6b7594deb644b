import { widthFor } from '../encodings/checks.js';
import { type EntryWidth, entriesOf, Part } from './part.js';

/** An id per row, as wide as the largest one needs. */
export class RowIds {
  readonly part = new Part('ids', 1);

  get width(): EntryWidth {
    return this.part.width;
  }

  /** Asks for room for so many rows, of ids below `idCount`. */
  reserve(rowCount: number, idCount: number): void {
    const { part } = this;
    part.need(rowCount);
    const width = widthFor(idCount - 1);
    if (width > part.width) part.widen(width, converter(part.width, width));
  }

  store(ids: Uint32Array, firstRow: number): void {
    const { part } = this;
    entriesOf(part.bytes, part.width).set(ids, firstRow);
    part.count = firstRow + ids.length;
  }
}

const converter =
  (from: EntryWidth, to: EntryWidth) =>
  (old: Uint8Array, wider: Uint8Array): void =>
    entriesOf(wider, to).set(entriesOf(old, from));

/** The staged ids that `picks` names, in its order, or all. */
export const pickedIds = (staged: Uint32Array, picks: Uint32Array | null): Uint32Array =>
  picks === null ? staged : picks.map((i) => staged[i]!);
