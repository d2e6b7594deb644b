import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Long, toLong } from '../../core/index.js';
import { type CodeTable, codeTableOf } from './code-tables.js';

/** What a kernel reads for a code. */
function entry({ type, width, base, bytes, valid }: CodeTable, code: number): Long | null {
  if (valid?.[code] === 0) return null;
  const view = new DataView(bytes.buffer);
  if (type === 'DOUBLE') return view.getFloat64(8 * code, true);
  switch (width) {
    case 1:
      return toLong(base + BigInt(view.getUint8(code)));
    case 2:
      return toLong(base + BigInt(view.getUint16(2 * code, true)));
    case 4:
      return toLong(base + BigInt(view.getUint32(4 * code, true)));
    case 8:
      return toLong(base + view.getBigInt64(8 * code, true));
  }
}

const span = fc.constantFrom(
  0n,
  255n,
  256n,
  65_535n,
  65_536n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 63n,
);
const longs = fc.tuple(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), span).chain(([low, wide]) => {
  const high = low + wide > 2n ** 63n - 1n ? 2n ** 63n - 1n : low + wide;
  return fc.array(fc.option(fc.bigInt(low, high).map(toLong)), { maxLength: 50 });
});

it('a table gives back the numbers it was made of', () => {
  fc.assert(
    fc.property(longs, (list) => {
      const table = codeTableOf('LONG', list);
      expect(list.map((_, code) => entry(table, code))).toEqual(list);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.option(fc.double())), (list) => {
      const table = codeTableOf('DOUBLE', list);
      expect(list.map((_, code) => entry(table, code))).toEqual(list);
    }),
  );
});
