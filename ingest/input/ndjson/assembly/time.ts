import { digitAt } from './number';

/** What `readTime` found: milliseconds since the epoch, and how it was written (see ../time-form.ts). */
export let timeMs: f64 = 0;
export let timeForm: u32 = 0;

const BLANK: u32 = 1;
const ZULU: u32 = 2;
const MILLIS: u32 = 4;

/** Of `yyyy-MM-ddTHH:mm`, which characters are digits. */
const DIGITS: i32 = 0b1101101101101111;

/** The date read last, as bytes, and its day: mostly the next one is the same. */
let lastMonth: u64 = 0;
let lastDay: u16 = 0;
let days: i32 = 0;

/**
 * Reads `yyyy-MM-ddTHH:mm:ss`, with a blank for the T or not, with three digits of a fraction or not, with Z
 * or not. False for every other text of `length` bytes at `p`.
 */
export function readTime(p: usize, length: u32): bool {
  let rest: u32 = length - 19;
  if (rest > 5) return false;
  const digits = v128.lt<u8>(v128.sub<u8>(v128.load(p), v128.splat<u8>(48)), v128.splat<u8>(10));
  if ((v128.bitmask<u8>(digits) & DIGITS) !== DIGITS) return false;
  const between = load<u8>(p, 10);
  if (load<u8>(p, 4) !== 45 || load<u8>(p, 7) !== 45) return false;
  if (load<u8>(p, 13) !== 58 || load<u8>(p, 16) !== 58) return false;
  if (digitAt(p + 17) > 9 || digitAt(p + 18) > 9) return false;
  if (between !== 84 && between !== 32) return false;
  timeForm = between === 32 ? BLANK : 0;
  let millis: u32 = 0;
  if (rest >= 4) {
    if (load<u8>(p, 19) !== 46) return false;
    if (digitAt(p + 20) > 9 || digitAt(p + 21) > 9 || digitAt(p + 22) > 9) return false;
    millis = 10 * two(p + 20) + (load<u8>(p, 22) - 48);
    timeForm |= MILLIS;
    rest -= 4;
  }
  if (rest === 1) {
    if (load<u8>(p + length - 1) !== 90) return false;
    timeForm |= ZULU;
  } else if (rest !== 0) return false;
  const hour = two(p + 11);
  const minute = two(p + 14);
  const second = two(p + 17);
  if (hour > 23 || minute > 59 || second > 59) return false;
  if (load<u64>(p) !== lastMonth || load<u16>(p, 8) !== lastDay) {
    if (!readDate(p)) return false;
    lastMonth = load<u64>(p);
    lastDay = load<u16>(p, 8);
  }
  const ms = ((hour * 60 + minute) * 60 + second) * 1000 + millis;
  timeMs = (days as f64) * 86400000 + (ms as f64);
  return true;
}

function two(p: usize): u32 {
  return 10 * (load<u8>(p) as u32) + (load<u8>(p, 1) as u32) - 528;
}

/** Sets `days` from `yyyy-MM-dd`; after Neri and Schneider, as in model/time/civil.ts. */
function readDate(p: usize): bool {
  const year = (100 * two(p) + two(p + 2)) as i32;
  const month = two(p + 5) as i32;
  const day = two(p + 8) as i32;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false;
  // Moved by 400 years, a whole number of weeks, so that nothing is negative.
  const marchYear = year + 400 - (month <= 2 ? 1 : 0);
  const marchMonth = month + (month <= 2 ? 12 : 0);
  const century = marchYear / 100;
  const years = (1461 * marchYear) / 4 - century + century / 4;
  days = years + ((979 * marchMonth - 2919) >> 5) + day - 1 - 719468 - 146097;
  return true;
}

function daysIn(year: i32, month: i32): i32 {
  if (month !== 2) return 30 + ((month + (month >> 3)) & 1);
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
