/** Up to so many items are sorted by insertion. */
const FEW = 24;

/** From so many items on, wider digits pay for their counters. */
const MANY = 1 << 13;

const counters = new Uint32Array(1 << 11);

/**
 * Sorts entries [from, to) of `keys`, as unsigned numbers, and `items` along with them. Stable. The spare arrays hold
 * as many entries.
 *
 * A few by insertion. Many by counting, least significant digit first (LSD radix sort): a pass per digit in which the
 * smallest and the largest key differ.
 */
export function sortRun(
  keys: Uint32Array,
  items: Uint32Array,
  from: number,
  to: number,
  spareKeys: Uint32Array,
  spareItems: Uint32Array,
): void {
  if (to - from <= FEW) {
    insert(keys, items, from, to);
    return;
  }
  let min = keys[from]!;
  let max = min;
  let last = min;
  let isSorted = true;
  for (let i = from + 1; i < to; i++) {
    const key = keys[i]!;
    if (key < last) isSorted = false;
    if (key < min) min = key;
    if (key > max) max = key;
    last = key;
  }
  if (!isSorted) countDigits(keys, items, from, to, min, max, spareKeys, spareItems);
}

function insert(keys: Uint32Array, items: Uint32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const key = keys[i]!;
    if (keys[i - 1]! <= key) continue;
    const item = items[i]!;
    let at = i;
    for (; at > from && keys[at - 1]! > key; at--) {
      keys[at] = keys[at - 1]!;
      items[at] = items[at - 1]!;
    }
    keys[at] = key;
    items[at] = item;
  }
}

function countDigits(
  keys: Uint32Array,
  items: Uint32Array,
  from: number,
  to: number,
  min: number,
  max: number,
  spareKeys: Uint32Array,
  spareItems: Uint32Array,
): void {
  const length = to - from;
  const bits = 32 - Math.clz32(max - min);
  const passes = Math.ceil(bits / (length < MANY ? 8 : 11));
  const digitBits = Math.ceil(bits / passes);
  let fromKeys = keys.subarray(from, to);
  let fromItems = items.subarray(from, to);
  let toKeys = spareKeys;
  let toItems = spareItems;
  for (let pass = 0; pass < passes; pass++) {
    scatter(fromKeys, fromItems, toKeys, toItems, length, min, pass * digitBits, digitBits);
    [fromKeys, toKeys] = [toKeys, fromKeys];
    [fromItems, toItems] = [toItems, fromItems];
  }
  if (passes % 2 === 0) return;
  keys.set(spareKeys.subarray(0, length), from);
  items.set(spareItems.subarray(0, length), from);
}

/** One stable pass by the digit at `shift` of key - min. */
function scatter(
  keys: Uint32Array,
  items: Uint32Array,
  toKeys: Uint32Array,
  toItems: Uint32Array,
  length: number,
  min: number,
  shift: number,
  digitBits: number,
): void {
  const mask = (1 << digitBits) - 1;
  const starts = counters;
  starts.fill(0, 0, mask + 1);
  for (let i = 0; i < length; i++) starts[((keys[i]! - min) >>> shift) & mask]!++;
  let start = 0;
  for (let digit = 0; digit <= mask; digit++) {
    const count = starts[digit]!;
    starts[digit] = start;
    start += count;
  }
  for (let i = 0; i < length; i++) {
    const key = keys[i]!;
    const at = starts[((key - min) >>> shift) & mask]!++;
    toKeys[at] = key;
    toItems[at] = items[i]!;
  }
}
