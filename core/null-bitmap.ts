/** One bit per row, set where the row is null: bit `row & 7` of byte `row >> 3`. */
export const nullBitmapBytes = (rowCount: number): number => Math.ceil(rowCount / 8);

export function setNull(bitmap: Uint8Array, row: number): void {
  bitmap[row >>> 3]! |= 1 << (row & 7);
}

export const isNull = (bitmap: Uint8Array, row: number): boolean =>
  ((bitmap[row >>> 3]! >>> (row & 7)) & 1) === 1;
