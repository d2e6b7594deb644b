/** For tests: the same bytes, but for these at a place. */
export function withBytes(bytes: Uint8Array, at: number, ...others: number[]): Uint8Array {
  const changed = bytes.slice();
  changed.set(others, at);
  return changed;
}
