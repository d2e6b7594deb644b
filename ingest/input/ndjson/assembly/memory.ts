/**
 * The kernel's linear memory: regions, each on a 16-byte border with room behind it for loads of a whole vector. What grows
 * moves to another region and releases the old one; the owner starts a new instance when too much has been taken.
 */

/** Bytes that may be read behind the last of a region. */
const PADDING: usize = 32;

let top: usize = (__heap_base + 15) & ~15;

/** Zeroed bytes; traps when there is no memory. */
export function allocate(bytes: usize): usize {
  const at = top;
  top = (top + bytes + PADDING + 15) & ~15;
  const pages = ((top + 0xffff) >>> 16) as i32;
  const missing = pages - memory.size();
  if (missing > 0) grow(missing);
  return at;
}

/**
 * By as much as there is, where there is room: V8 counts the whole memory anew each time it grows, and takes that for a
 * reason to collect garbage. Pages that are not used cost no RAM.
 */
function grow(missing: i32): void {
  if (memory.grow(max(missing, memory.size())) >= 0) return;
  if (memory.grow(missing) < 0) unreachable();
}

/** By the logarithm of their size: the first of the regions released, each of which begins with the next one, or 0. */
const released: usize = allocate(4 * 32);

/** A region of a power of two of bytes, which may hold anything: one that was released, or a new one. */
export function takeRegion(bytes: u32): usize {
  const first = released + 4 * ctz(bytes);
  const region = load<u32>(first) as usize;
  if (region === 0) return allocate(bytes);
  store<u32>(first, load<u32>(region));
  return region;
}

/** Gives a region of so many bytes back. */
export function releaseRegion(region: usize, bytes: u32): void {
  const first = released + 4 * ctz(bytes);
  store<u32>(region, load<u32>(first));
  store<u32>(first, region as u32);
}

/** All bytes taken so far. */
export function memoryBytes(): u32 {
  return top as u32;
}

/** Whether `length` bytes at `a` and `b` are equal; up to 15 behind them are read. */
export function equalBytes(a: usize, b: usize, length: u32): bool {
  while (length > 16) {
    if (v128.bitmask<u8>(v128.eq<u8>(v128.load(a), v128.load(b))) !== 0xffff) return false;
    a += 16;
    b += 16;
    length -= 16;
  }
  const wanted = (1 << length) - 1;
  return (v128.bitmask<u8>(v128.eq<u8>(v128.load(a), v128.load(b))) & wanted) === wanted;
}

/** Copies `length` bytes, of few hundred at most mostly; up to 15 behind them are read and written. */
export function copyText(target: usize, source: usize, length: u32): void {
  const end = target + length;
  for (; target < end; target += 16, source += 16) v128.store(target, v128.load(source));
}
