import { type Long, toLong } from '../../core/index.js';

const TWO_32 = 2 ** 32;

/** The LONG at an address, without a bigint where it is safe. */
export function longAt(view: DataView, at: number): Long {
  const high = view.getInt32(at + 4, true);
  if (high > -0x200000 && high < 0x200000) return high * TWO_32 + view.getUint32(at, true);
  return toLong(view.getBigInt64(at, true));
}
