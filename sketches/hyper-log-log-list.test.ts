import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HyperLogLog } from './hyper-log-log.js';
import { HyperLogLogList } from './hyper-log-log-list.js';
import { entryOfLong, RANK_BITS } from './sketch-entry.js';

it('holds the bytes of each sketch', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 12 });
  fc.assert(
    fc.property(counts, (sizes) => {
      const list = new HyperLogLogList();
      const sketches = sizes.map((size, i) => {
        const sketch = new HyperLogLog();
        for (let j = 0; j < size; j++) sketch.addEntry(entryOfLong(1000 * i + j));
        addTo(list, sketch);
        return sketch;
      });
      const { bytes, ends } = list.column();
      expect([...ends].map((end, i) => bytes.slice(ends[i - 1] ?? 0, end))).toEqual(
        sketches.map((sketch) => sketch.toBytes()),
      );
    }),
    { numRuns: 50 },
  );
});

it('makes sketches of few entries in any order', () => {
  const entry = fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 65 }));
  fc.assert(
    fc.property(fc.array(fc.array(entry, { minLength: 1 })), (runs) => {
      const list = new HyperLogLogList();
      const sketches = runs.map((run) => {
        const entries = Uint32Array.from(run, ([bucket, rank]) => (bucket << RANK_BITS) | rank);
        list.addFew(Uint32Array.from([7, ...entries, 7]), 1, 1 + entries.length);
        const sketch = new HyperLogLog();
        for (const each of entries) sketch.addEntry(each);
        return sketch.toBytes();
      });
      const { bytes, ends } = list.column();
      expect([...ends].map((end, i) => bytes.slice(ends[i - 1] ?? 0, end))).toEqual(sketches);
    }),
  );
});

/** As a kernel would: entries in no order, free slots between them. */
function addTo(list: HyperLogLogList, sketch: HyperLogLog): void {
  const bytes = sketch.toBytes();
  const isDense = bytes[2] === 1;
  if (bytes.length === 4) list.addEmpty();
  else if (isDense) list.addDense(bytes, 4);
  else {
    const entries = new Uint32Array(bytes.buffer, 4);
    const slots = [...entries].reverse().flatMap((entry) => [0, entry]);
    list.addSparse(Uint32Array.from([7, ...slots, 7]), 1, 1 + slots.length, entries.length);
  }
}
