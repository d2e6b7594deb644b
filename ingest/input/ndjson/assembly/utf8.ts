import { firstBytes } from './text';

/**
 * What may be wrong with two bytes in a row, as bits: a row of a table for each half of the first byte and for the
 * upper half of the second; what all three rows have is wrong. After Keiser and Lemire, "Validating UTF-8 in less than one
 * instruction per byte" (2021), section 6.
 *
 *     01 too short   02 too long   04 overlong 3   08 too large   10 surrogate   20 overlong 2
 *     40 overlong 4, or too large by its first byte   80 two continuations
 *
 * The sixteen entries of a table, the first in the lowest byte:
 *
 *     upper half of the first    0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02
 *                                0x80, 0x80, 0x80, 0x80, 0x21, 0x01, 0x15, 0x49
 *     lower half of the first    0xe7, 0xa3, 0x83, 0x83, 0x8b, 0xcb, 0xcb, 0xcb
 *                                0xcb, 0xcb, 0xcb, 0xcb, 0xcb, 0xdb, 0xcb, 0xcb
 *     upper half of the second   0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01
 *                                0xe6, 0xae, 0xba, 0xba, 0x01, 0x01, 0x01, 0x01
 */

/** Whether [p, end) is well-formed UTF-8: shortest forms, no surrogates. Up to 15 bytes behind it are read. */
export function isUtf8(p: usize, end: usize): bool {
  const firstUpper = i64x2(0x0202020202020202, 0x4915012180808080);
  const firstLower = i64x2(0xcbcbcb8b8383a3e7, 0xcbcbdbcbcbcbcbcb);
  const secondUpper = i64x2(0x0101010101010101, 0x01010101babaaee6);
  const lower = v128.splat<u8>(0x0f);
  let before = v128.splat<u8>(0);
  let errors = v128.splat<u8>(0);
  // One block beyond the end too, so that what is cut off there is seen.
  for (; p <= end; p += 16) {
    const left = (end - p) as u32;
    const block = left < 16 ? firstBytes(p, left) : v128.load(p);
    const one = back1(before, block);
    const pairs = v128.and(
      v128.and(
        v128.swizzle(firstUpper, v128.shr<u8>(one, 4)),
        v128.swizzle(firstLower, v128.and(one, lower)),
      ),
      v128.swizzle(secondUpper, v128.shr<u8>(block, 4)),
    );
    // Third bytes behind E0 and more, fourth ones behind F0 and more, are the second of two continuations.
    const third = v128.sub_sat<u8>(back2(before, block), v128.splat<u8>(0x60));
    const fourth = v128.sub_sat<u8>(back3(before, block), v128.splat<u8>(0x70));
    const wanted = v128.and(v128.or(third, fourth), v128.splat<u8>(0x80));
    errors = v128.or(errors, v128.xor(wanted, pairs));
    before = block;
  }
  return !v128.any_true(errors);
}

// Lanes of a shuffle are part of the instruction: they must be written out, once for each distance.

/** The bytes one before those of the block. */
function back1(before: v128, block: v128): v128 {
  return v128.shuffle<u8>(
    before,
    block,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
    30,
  );
}

function back2(before: v128, block: v128): v128 {
  return v128.shuffle<u8>(
    before,
    block,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
  );
}

function back3(before: v128, block: v128): v128 {
  return v128.shuffle<u8>(
    before,
    block,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
  );
}
