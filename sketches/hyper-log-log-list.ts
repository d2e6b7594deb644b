import { DEFAULT_LG_K, denseHeader, sparseHeader } from './hyper-log-log.js';
import { RANK_BITS } from './sketch-entry.js';

/**
 * The bytes of many HyperLogLogs of the default size, one behind the other, each as `HyperLogLog.toBytes` writes it: no
 * object is made for any of them. They are as long as words are, so that they lie at multiples of 4.
 */
export class HyperLogLogList {
  private words = new Uint32Array(FIRST_WORDS);
  private used = 0;
  private readonly ends: number[] = [];

  /** Adds one that nothing was added to. */
  addEmpty(): void {
    this.begin(sparseHeader(DEFAULT_LG_K), 0);
    this.ends.push(4 * this.used);
  }

  /** Adds the sketch of `count` entries, no two of one bucket, which lie, best nearly sorted, among `slots` in [from, to); 0 is none. */
  addSparse(slots: Uint32Array, from: number, to: number, count: number): void {
    // One more: what is no entry is written behind the last.
    this.begin(sparseHeader(DEFAULT_LG_K), count + 1);
    const start = this.used;
    const { words } = this;
    let end = start;
    for (let slot = from; slot < to; slot++) {
      const entry = slots[slot]! | 0;
      words[end] = entry;
      // 1 where it is an entry, without a branch, which nobody could predict.
      end += (entry | -entry) >>> 31;
    }
    this.used = end;
    insertionSort(words, start, end);
    this.ends.push(4 * end);
  }

  /** Adds the sketch of the entries in [from, to): few, of which some may be of one bucket. */
  addFew(entries: Uint32Array, from: number, to: number): void {
    this.begin(sparseHeader(DEFAULT_LG_K), to - from);
    const start = this.used;
    const { words } = this;
    let end = start;
    for (let i = from; i < to; i++) {
      const entry = entries[i]!;
      let at = end;
      while (at > start && words[at - 1]! > entry) at--;
      if (at > start && areOfOne(words[at - 1]!, entry)) words[at - 1] = entry;
      else if (at === end || !areOfOne(words[at]!, entry)) {
        for (let moved = end++; moved > at; moved--) words[moved] = words[moved - 1]!;
        words[at] = entry;
      }
    }
    this.used = end;
    this.ends.push(4 * end);
  }

  /** Adds the dense sketch of the ranks that lie at `from`. */
  addDense(bytes: Uint8Array, from: number): void {
    const size = 2 ** DEFAULT_LG_K;
    this.begin(denseHeader(DEFAULT_LG_K), size / 4);
    const target = new Uint8Array(this.words.buffer, 4 * this.used, size);
    target.set(bytes.subarray(from, from + size));
    this.used += size / 4;
    this.ends.push(4 * this.used);
  }

  /** All of them: the i-th ends before byte `ends[i]`. */
  column(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly ends: Uint32Array } {
    const words = this.words.slice(0, this.used);
    return { bytes: new Uint8Array(words.buffer), ends: Uint32Array.from(this.ends) };
  }

  /** Writes a header in front of so many words. */
  private begin(header: number, words: number): void {
    const needed = this.used + 1 + words;
    if (needed > this.words.length) {
      const larger = new Uint32Array(Math.max(needed, 2 * this.words.length));
      larger.set(this.words.subarray(0, this.used));
      this.words = larger;
    }
    this.words[this.used++] = header;
  }
}

const FIRST_WORDS = 1024;

/** Whether two entries are of one bucket. */
const areOfOne = (a: number, b: number): boolean => (a ^ b) >>> RANK_BITS === 0;

function insertionSort(words: Uint32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const word = words[i]!;
    let at = i;
    while (at > from && words[at - 1]! > word) {
      words[at] = words[at - 1]!;
      at--;
    }
    words[at] = word;
  }
}
