import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BatchAnswer } from './answer.js';
import { Dedup, type Known } from './dedup.js';

const answerOf = (position: number): BatchAnswer => ({
  position,
  received: 3 + (position % 5),
  stored: 1 + (position % 5),
  late: 1,
  rejected: 1,
  deduplicated: 0,
  errors: position % 2 === 0 ? [] : [{ row: 1, reason: 'type', message: `no ${position}` }],
});

const of = (producer: string, sequence: number) => ({ producer, sequence, key: null });
const byKey = (key: string) => ({ producer: null, sequence: null, key });

/** All that was ever taken, and by rule what of it is still remembered. */
class NaiveProducers {
  readonly taken = new Map<string, Map<number, BatchAnswer>>();
  /** Producers by their last batch, the latest first. */
  recent: string[] = [];
  /** What was forgotten of each producer: its greatest such sequence. */
  readonly low = new Map<string, number>();

  constructor(
    readonly sequences: number,
    readonly producers: number,
  ) {}

  known(producer: string, sequence: number): 'new' | 'refused' | BatchAnswer {
    const answer = this.remembered(producer).get(sequence);
    if (answer !== undefined) return answer;
    return sequence <= (this.low.get(producer) ?? -1) ? 'refused' : 'new';
  }

  remembered(producer: string): Map<number, BatchAnswer> {
    return this.taken.get(producer) ?? new Map();
  }

  take(producer: string, sequence: number, answer: BatchAnswer): void {
    const own = this.remembered(producer);
    own.set(sequence, answer);
    this.taken.set(producer, own);
    this.recent = [producer, ...this.recent.filter((each) => each !== producer)];
    const ascending = [...own.keys()].sort((a, b) => a - b);
    this.forget(producer, ascending.slice(0, Math.max(0, ascending.length - this.sequences)));
    for (const silent of this.recent.splice(this.producers)) {
      this.forget(silent, [...this.remembered(silent).keys()]);
    }
  }

  forget(producer: string, sequences: readonly number[]): void {
    for (const sequence of sequences) this.remembered(producer).delete(sequence);
    this.low.set(producer, Math.max(this.low.get(producer) ?? -1, ...sequences));
  }
}

const plain = (known: Known) => (known.kind === 'duplicate' ? known.answer : known.kind);

test('each sequence is taken once, and a repeat gets the first answer or is refused', () => {
  const batch = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(14), fc.boolean());
  fc.assert(
    fc.property(
      fc.array(batch, { maxLength: 80 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      (batches, sequences, producers) => {
        const settings = { sequences, producers, keys: 1 };
        const naive = new NaiveProducers(sequences, producers);
        const everTaken = new Set<string>();
        let dedup = new Dedup();
        for (const [i, [producer, sequence, restart]] of batches.entries()) {
          const known = dedup.known(of(producer, sequence));
          expect(plain(known)).toEqual(naive.known(producer, sequence));
          if (known.kind === 'new') {
            const id = `${producer} ${sequence}`;
            expect(everTaken.has(id)).toBe(false);
            everTaken.add(id);
            dedup.remember(of(producer, sequence), answerOf(i), settings);
            naive.take(producer, sequence, answerOf(i));
          }
          if (restart) {
            const packed = dedup.pack();
            dedup = Dedup.unpack(packed);
            expect(dedup.pack()).toEqual(packed);
          }
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

/** A UUID of version 7 that was made at a millisecond. */
const uuidAt = (ms: number, tail: number): string => {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail.toString(16).padStart(12, '0')}`;
};

const anyKey = fc.oneof(
  fc.nat(9).map((number) => ({ key: `key ${number}`, ms: null })),
  fc.tuple(fc.nat(20), fc.nat(2)).map(([ms, tail]) => ({ key: uuidAt(ms, tail), ms })),
);

test('of the last keys the answers are remembered, of others that they were taken', () => {
  fc.assert(
    fc.property(fc.array(anyKey), fc.integer({ min: 1, max: 6 }), (keys, limit) => {
      let dedup = new Dedup();
      let naive: { key: string; ms: number | null; answer: BatchAnswer }[] = [];
      const gone: typeof naive = [];
      for (const [i, { key, ms }] of keys.entries()) {
        const known = dedup.known(byKey(key));
        const found = naive.find((each) => each.key === key);
        const isGone = gone.some((each) =>
          ms === null ? each.key === key : (each.ms ?? -1) >= ms,
        );
        if (found !== undefined) expect(known).toEqual({ kind: 'duplicate', answer: found.answer });
        else expect(known.kind).toBe(isGone ? 'refused' : 'new');
        if (known.kind !== 'new') continue;
        dedup.remember(byKey(key), answerOf(i), { sequences: 1, producers: 1, keys: limit });
        naive.push({ key, ms, answer: answerOf(i) });
        gone.push(...naive.slice(0, -limit));
        naive = naive.slice(-limit);
        dedup = Dedup.unpack(structuredClone(dedup.pack()));
      }
    }),
  );
});

test('batches without a name are always new and leave nothing', () => {
  const dedup = new Dedup();
  const nobody = { producer: null, sequence: null, key: null };
  dedup.remember(nobody, answerOf(1), { sequences: 1, producers: 1, keys: 1 });
  expect(dedup.known(nobody)).toEqual({ kind: 'new' });
  expect(dedup.pack()).toEqual(new Dedup().pack());
});

test('the refusal says what is remembered and what to do', () => {
  const dedup = new Dedup();
  const settings = { sequences: 2, producers: 1, keys: 1 };
  for (const sequence of [5, 6, 7]) dedup.remember(of('p', sequence), answerOf(sequence), settings);
  const known = dedup.known(of('p', 4));
  expect(known).toMatchObject({
    kind: 'refused',
    error: { family: 'conflict', context: { field: 'sequence' } },
  });
  expect(known.kind === 'refused' && known.error.message).toMatch(
    /^sequence 4 of producer "p" is older than the remembered window \[6, …\].*newer sequence$/,
  );
});

test('the errors of all answers together are bounded, counts are not lost', () => {
  const dedup = new Dedup();
  const settings = { sequences: 1_000, producers: 10, keys: 1 };
  const errors = Array.from({ length: 100 }, (_, row) => ({
    row,
    reason: 'type' as const,
    message: 'x'.repeat(400),
  }));
  for (let sequence = 0; sequence < 200; sequence++) {
    dedup.remember(of('p', sequence), { ...answerOf(sequence), errors }, settings);
  }
  const found = Array.from({ length: 200 }, (_, sequence) => {
    const known = dedup.known(of('p', sequence));
    if (known.kind !== 'duplicate') throw new Error('forgotten');
    expect(known.answer).toEqual({ ...answerOf(sequence), errors: known.answer.errors });
    return known.answer.errors.length;
  });
  // 2^21 characters hold 48 answers of 100 errors of 432 characters.
  expect(found).toEqual([...new Array(152).fill(0), ...new Array(48).fill(100)]);
  const again = Dedup.unpack(dedup.pack());
  for (const each of [dedup, again]) {
    each.remember(of('p', 200), { ...answerOf(200), errors }, settings);
  }
  expect(again.pack()).toEqual(dedup.pack());
});

test('a producer whose floor is forgotten is refused like one that nobody knows', () => {
  const dedup = new Dedup();
  const settings = { sequences: 1, producers: 1, keys: 1 };
  dedup.remember(of('first', 7), answerOf(1), settings);
  for (let i = 0; i < 100_001; i++) dedup.remember(of(`p${i}`, 3), answerOf(i), settings);
  expect(dedup.known(of('first', 7)).kind).toBe('refused');
  expect(dedup.known(of('stranger', 7)).kind).toBe('refused');
  expect(dedup.known(of('stranger', 8)).kind).toBe('new');
  expect(dedup.known(of('p99999', 3)).kind).toBe('refused');
  expect(dedup.known(of('p99999', 4)).kind).toBe('new');
});
