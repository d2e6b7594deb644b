import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText, utf8Decode, utf8Encode } from '../../core/index.js';
import { wellFormed } from '../cells.js';
import { TextIds } from './text-ids.js';

/** Gives its parts what they ask for, as a segment does. */
function makeRoom(texts: TextIds): void {
  texts.reserve();
  for (const part of texts.parts) part.moveTo(0, new Uint8Array(part.nextBytes));
}

/** The texts that are stored, read as a dictionary is. */
function storedTexts(texts: TextIds): string[] {
  const [bytes, offsets] = texts.parts;
  const ends = offsets!.u32();
  return Array.from({ length: offsets!.count - 1 }, (_, id) =>
    utf8Decode(bytes!.bytes.subarray(ends[id]!, ends[id + 1]!)),
  );
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('', '\0', 'a', 'a\0', 'ab', '\ud800', 'ä', '\u{1f600}', '\uffff'),
);

test('a text has one id, as a string or as bytes, waiting or stored', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.boolean(), fc.boolean())), (steps) => {
      const texts = new TextIds();
      const expected = new Map<string, number>();
      for (const [raw, asBytes, store] of steps) {
        const key = wellFormed(raw);
        const id = expected.get(key) ?? expected.size + 1;
        expected.set(key, id);
        const bytes = Uint8Array.from([7, ...utf8Encode(raw), 7]);
        const found = asBytes ? texts.idOfBytes(bytes, 1, bytes.length - 1) : texts.idOf(raw);
        expect(found).toBe(id);
        if (!store) continue;
        makeRoom(texts);
        texts.store();
      }
      makeRoom(texts);
      texts.store();
      expect(storedTexts(texts)).toEqual(['', ...expected.keys()]);
      const sorted = [...expected.keys()].sort(compareText);
      expect([texts.min, texts.max]).toEqual([sorted[0] ?? null, sorted.at(-1) ?? null]);
    }),
  );
});

test('texts of a run have the ids that they have one by one', () => {
  const run = fc.tuple(fc.array(text, { minLength: 1 }), fc.array(fc.nat(200)), fc.nat(9));
  fc.assert(
    fc.property(fc.array(run, { maxLength: 4 }), fc.boolean(), (runs, store) => {
      const together = new TextIds();
      const alone = new TextIds();
      for (const [raw, picks, firstId] of runs) {
        const encoded = raw.map((each) => utf8Encode(each));
        const bytes = Uint8Array.from(encoded.flatMap((each) => [...each]));
        const starts = new Uint32Array(raw.length + 1).fill(50);
        for (const [i, { length }] of encoded.entries()) starts[i + 1] = starts[i]! + length;
        const picked = picks.map((pick) => pick % raw.length);
        const found = new Uint32Array(picked.length);
        const ids = Uint32Array.from(picked, (pick) => firstId + pick);
        together.idsOfRun({ firstId, bytes, starts }, ids, found);
        expect([...found]).toEqual(picked.map((pick) => alone.idOf(raw[pick]!)));
        if (!store) continue;
        makeRoom(together);
        together.store();
      }
      for (const texts of [together, alone]) {
        makeRoom(texts);
        texts.store();
      }
      expect(storedTexts(together)).toEqual(storedTexts(alone));
      expect([together.min, together.max]).toEqual([alone.min, alone.max]);
    }),
  );
});

/** One that has these texts, from id 1 on. */
function dictionaryOf(texts: readonly string[]) {
  const encoded = texts.map((each) => utf8Encode(each));
  const starts = new Uint32Array(texts.length + 1);
  for (const [i, { length }] of encoded.entries()) starts[i + 1] = starts[i]! + length;
  const run = { firstId: 1, bytes: Uint8Array.from(encoded.flatMap((each) => [...each])), starts };
  const value = (id: number) => texts[id - 1] ?? null;
  return { size: texts.length + 1, areDistinct: true, value, runOf: () => run };
}

test('texts of distinct dictionaries have the ids that they have one by one, whatever comes between', () => {
  const distinct = fc.uniqueArray(text, { selector: wellFormed, minLength: 1 });
  // Which of them, in which order; in how many calls; what single text comes then.
  const use = fc.tuple(fc.nat(1), fc.nat(9), fc.option(text), fc.boolean());
  fc.assert(
    fc.property(fc.tuple(distinct, distinct), fc.array(use), fc.boolean(), (some, uses, turned) => {
      const together = new TextIds();
      const alone = new TextIds();
      const dictionaries = some.map((each) => dictionaryOf(each));
      const left = some.map((each) => each.map((_, i) => (turned ? each.length - i : i + 1)));
      for (const [which, count, single, store] of uses) {
        const source = dictionaries[which]!;
        const ids = Uint32Array.from(left[which]!.splice(0, count));
        const found = new Uint32Array(ids.length);
        together.idsOfNew(source, source.runOf(), ids, found);
        expect([...found]).toEqual([...ids].map((id) => alone.idOf(source.value(id)!)));
        if (single !== null) expect(together.idOf(single)).toBe(alone.idOf(single));
        if (!store) continue;
        makeRoom(together);
        together.store();
      }
      for (const texts of [together, alone]) {
        makeRoom(texts);
        texts.store();
      }
      expect(storedTexts(together)).toEqual(storedTexts(alone));
    }),
  );
});

test('many texts', () => {
  const texts = new TextIds();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20_000; i++) expect(texts.idOf(`text ${i}`)).toBe(i + 1);
    makeRoom(texts);
    texts.store();
  }
  expect(texts.count).toBe(20_001);
  expect(storedTexts(texts)[20_000]).toBe('text 19999');
});

test('many texts of a distinct dictionary, then one of them alone', () => {
  const all = Array.from({ length: 20_000 }, (_, i) => `text ${i}`);
  const source = dictionaryOf(all);
  const texts = new TextIds();
  const ids = Uint32Array.from(all, (_, i) => i + 1);
  for (let first = 0; first < ids.length; first += 3000) {
    const some = ids.subarray(first, first + 3000);
    const found = new Uint32Array(some.length);
    texts.idsOfNew(source, source.runOf(), some, found);
    expect(found).toEqual(some);
  }
  expect(texts.idOf('text 19998')).toBe(19_999);
  expect(texts.count).toBe(20_001);
  makeRoom(texts);
  texts.store();
  expect(storedTexts(texts)).toEqual(['', ...all]);
});
