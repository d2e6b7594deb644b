import type { ScanColumn } from '../../segments/index.js';
import type { Aggregate, LongFold } from './aggregates.js';
import type { KernelBuilder } from './kernel-builder.js';
import { bytesOf } from './keys.js';
import { extremeLong } from './numbers.js';
import { type Code, get, i32, i64, type Local, load, op, set, tee, when } from './wasm/code.js';

/** A fold of a LONG column into one group, which takes the 64 rows of a block at once. */
export interface BlockFold {
  /** For each block. */
  readonly steps: readonly Code[];
  /** How many rows it has taken, when the kernel ends. */
  readonly count: Local;
}

/** The column that is folded; null where rows have to be taken one by one. */
export function blockColumn({ longFold }: Aggregate): ScanColumn | null {
  const column = longFold?.num.column;
  return column?.layout === 'deltas' || column?.layout === 'longs' ? column : null;
}

/**
 * Folds the rows of a mask into `field`. Entries are combined in the lanes of a vector, sums in lanes of
 * 64 bits, and the lanes when the kernel ends: deltas without the column's base, which comes in then.
 *
 *     16 rows of 1 byte ─ pairs added ─► 8 of 2 bytes ─► 4 of 4 bytes ─► 2 of 8 bytes, added to the lanes
 *
 * A row that is not in the mask counts as what leaves every number as it is.
 */
export function foldBlock(
  kernel: KernelBuilder,
  { kind }: LongFold,
  column: ScanColumn,
  field: Local,
  rows: Local,
): BlockFold {
  const { address, nulls } = column;
  const width = column.width as Width;
  const [mask, count] = [kernel.local('folded', 'i64'), kernel.local('taken', 'i64')];
  const [lanes, nothing] = [kernel.local('lanes', 'v128'), kernel.local('nothing', 'v128')];
  const at = kernel.local('at', 'i32');
  const neutral = op(
    'i64x2.splat',
    i64(NEUTRAL[column.layout === 'longs' ? 'longs' : 'deltas'][kind]),
  );
  kernel.prologue.push(set(nothing, neutral), set(lanes, get(nothing)));
  const entry = (i: number): Code => load('v128.load', get(at), 16 * i);
  const inMask = maskLanes(kernel, width, mask);
  const chosen = (i: number): Code => op('v128.bitselect', entry(i), get(nothing), inMask(i));
  const folded = (value: (i: number) => Code): Code[] => {
    const values = Array.from({ length: 4 * width }, (_, i) => value(i));
    return kind === 'sum'
      ? [set(lanes, op('i64x2.add', get(lanes), sumOf(kernel, width, values)))]
      : values.map((each) => set(lanes, extreme(kernel, kind, width, lanes, each)));
  };
  const { steps: end, value } = combined(kernel, kind, column, lanes, count);
  const merged =
    kind === 'sum'
      ? op('i64.add', get(field), value)
      : extremeLong(kernel, kind, get(field), value);
  kernel.epilogue.push(when(op('i64.ne', get(count), i64(0n)), [...end, set(field, merged)]));
  const valid = nulls === null ? get(rows) : op('i64.and', get(rows), get(kernel.validMask(nulls)));
  const steps = [
    set(mask, valid),
    set(at, kernel.blockEntry(address, Math.log2(width))),
    set(count, op('i64.add', get(count), op('i64.popcnt', get(mask)))),
    when(op('i64.eq', get(mask), i64(-1n)), folded(entry), folded(chosen)),
  ];
  return { steps, count };
}

type Kind = LongFold['kind'];
type Width = 1 | 2 | 4 | 8;

/** What leaves a number as it is, in every lane. */
const NEUTRAL = {
  deltas: { sum: 0n, min: -1n, max: 0n },
  longs: { sum: 0n, min: 2n ** 63n - 1n, max: -(2n ** 63n) },
} as const;

const LANES = { 1: 'i8x16', 2: 'i16x8', 4: 'i32x4', 8: 'i64x2' } as const;

/** All ones in the lanes of vector i of a block whose rows are in the mask. */
function maskLanes(kernel: KernelBuilder, width: Width, mask: Local): (i: number) => Code {
  // A byte holds the bits of eight rows: as lanes of two bytes, then narrowed.
  if (width === 1) {
    const halves = maskLanes(kernel, 2, mask);
    return (i) => op('i8x16.narrow_i16x8_s', halves(2 * i), halves(2 * i + 1));
  }
  const bits = kernel.local('bits', 'v128');
  kernel.prologue.push(set(bits, load('v128.load', get(kernel.table(LANE_BITS[width])))));
  return (i) => {
    const first = op('i64.shr_u', get(mask), i64(BigInt((16 / width) * i)));
    const spread = op(`${LANES[width]}.splat`, width === 8 ? first : op('i32.wrap_i64', first));
    return op(`${LANES[width]}.eq`, op('v128.and', spread, get(bits)), get(bits));
  };
}

/** The bit of each lane's row. */
const LANE_BITS = {
  2: bytesOf(Uint32Array.of(0x0002_0001, 0x0008_0004, 0x0020_0010, 0x0080_0040)),
  4: bytesOf(Uint32Array.of(1, 2, 4, 8)),
  8: bytesOf(Uint32Array.of(1, 0, 2, 0)),
} as const;

/** The sum of a block's vectors, in two lanes of 64 bits. */
function sumOf(kernel: KernelBuilder, width: Width, vectors: readonly Code[]): Code {
  const all = (lanes: string, list: readonly Code[]): Code =>
    list.reduce((a, b) => op(`${lanes}.add`, a, b));
  switch (width) {
    case 1: {
      const pairs = vectors.map((each) => op('i16x8.extadd_pairwise_i8x16_u', each));
      return widened(kernel, op('i32x4.extadd_pairwise_i16x8_u', all('i16x8', pairs)));
    }
    case 2: {
      const pairs = vectors.map((each) => op('i32x4.extadd_pairwise_i16x8_u', each));
      return widened(kernel, all('i32x4', pairs));
    }
    case 4:
      return all(
        'i64x2',
        vectors.map((each) => widened(kernel, each)),
      );
    case 8:
      return all('i64x2', vectors);
  }
}

/** Four lanes of 32 bits as two of 64. */
function widened(kernel: KernelBuilder, value: Code): Code {
  const four = kernel.local('four', 'v128');
  return op(
    'i64x2.add',
    op('i64x2.extend_low_i32x4_u', tee(four, value)),
    op('i64x2.extend_high_i32x4_u', get(four)),
  );
}

/** The smaller or larger entry in each lane. */
function extreme(
  kernel: KernelBuilder,
  kind: 'min' | 'max',
  width: Width,
  lanes: Local,
  value: Code,
): Code {
  if (width !== 8) return op(`${LANES[width]}.${kind}_u`, get(lanes), value);
  const other = kernel.local('other', 'v128');
  const isFirst = op(kind === 'min' ? 'i64x2.lt_s' : 'i64x2.gt_s', get(lanes), get(other));
  return op('v128.bitselect', get(lanes), tee(other, value), isFirst);
}

/** All lanes as one LONG. */
function combined(
  kernel: KernelBuilder,
  kind: Kind,
  { layout, base, unit, width }: ScanColumn,
  lanes: Local,
  count: Local,
): { readonly steps: readonly Code[]; readonly value: Code } {
  const halves = [op('i64x2.extract_lane 0', get(lanes)), op('i64x2.extract_lane 1', get(lanes))];
  if (kind === 'sum') {
    const sum = op('i64.add', halves[0]!, halves[1]!);
    if (layout === 'longs') return { steps: [], value: sum };
    const bases = op('i64.mul', get(kernel.constant('i64', BigInt(base))), get(count));
    return { steps: [], value: op('i64.add', inUnits(kernel, sum, unit), bases) };
  }
  if (layout === 'longs') {
    return { steps: [], value: extremeLong(kernel, kind, halves[0]!, halves[1]!) };
  }
  // The lower half of what is left meets the upper one, until there is one entry in each 64 bits.
  const steps = [32, 16, 8]
    .filter((bits) => bits >= 8 * width)
    .map((bits) => {
      const upper = op('i64x2.shr_u', get(lanes), i32(bits));
      return set(lanes, op(`${LANES[width as Width]}.${kind}_u`, get(lanes), upper));
    });
  const entry = i64(2n ** BigInt(8 * width) - 1n);
  const [a, b] = halves.map((half) => op('i64.and', half, entry));
  const delta = extremeLong(kernel, kind, a!, b!);
  const above = inUnits(kernel, delta, unit);
  return { steps, value: op('i64.add', above, get(kernel.constant('i64', BigInt(base)))) };
}

const inUnits = (kernel: KernelBuilder, deltas: Code, unit: number): Code =>
  unit === 1 ? deltas : op('i64.mul', deltas, get(kernel.constant('i64', BigInt(unit))));
