import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText, utf8Encode } from '../../core/index.js';
import type { TextRange } from '../../model/index.js';
import { type CodeRange, type CodeSet, hasCode } from './code-set.js';
import { PIECES } from './data-testing.js';
import { Scratch } from './scratch.js';
import { TextBytes } from './text-bytes.js';

const PAGE = 65_536;
const memory = new WebAssembly.Memory({ initial: 40, maximum: 40, shared: true });
const SCRATCH_AT = 38 * PAGE;

/** Lays out distinct texts as a segment does; the codes are positions in `all`. */
function dictionaryOf(texts: readonly string[], hasNull: boolean, isSorted = true, start = 4) {
  const distinct = [...new Set(texts)];
  if (isSorted) distinct.sort(compareText);
  const all = [...(hasNull ? [null] : []), ...distinct];
  const encoded = all.map((text) => utf8Encode(text ?? ''));
  const [bytes, offsets] = [new Uint8Array(memory.buffer), new Uint32Array(memory.buffer)];
  const place = { offsets: start, bytes: start + 4 * (all.length + 1), hasNull, isSorted };
  let end = 0;
  for (const [i, text] of encoded.entries()) {
    offsets[start / 4 + i] = end;
    bytes.set(text, place.bytes + end);
    end += text.length;
  }
  offsets[start / 4 + all.length] = end;
  // What follows must not be taken for a part of the last text.
  bytes.fill(0x61, place.bytes + end, place.bytes + end + 64);
  return { all, texts: new TextBytes(memory, place, all.length) };
}

function holding(texts: TextBytes, piece: string, isAtEnd: boolean, range: CodeRange): number[] {
  const table = new Uint8Array(range.to);
  const scratch = new Scratch(memory, SCRATCH_AT, 2 * PAGE);
  texts.markHolding(piece, isAtEnd, range, table, scratch);
  return [...table.keys()].filter((code) => table[code] === 1);
}

const codesIn = (set: CodeSet, size: number): number[] =>
  Array.from({ length: size }, (_, code) => code).filter((code) => hasCode(set, code));

const text = fc
  .array(fc.constantFrom(...PIECES, 'x', '\u0000'), { maxLength: 12 })
  .map((all) => all.join(''));
const longer = fc.tuple(text, text, text).map((all) => all.join(''));
const dictionary = fc.record({
  texts: fc.array(fc.oneof(text, longer), { maxLength: 40 }),
  hasNull: fc.boolean(),
  isSorted: fc.boolean(),
  start: fc.nat(20).map((words) => 4 * words),
});
const range: fc.Arbitrary<TextRange> = fc.record({
  lower: fc.option(text),
  upper: fc.option(text),
  lowerStrict: fc.boolean(),
  upperStrict: fc.boolean(),
});

test('finds the texts that strings would', () => {
  fc.assert(
    fc.property(
      dictionary,
      text,
      text,
      range,
      fc.boolean(),
      (spec, wanted, other, bounds, isAtEnd) => {
        const { all, texts } = dictionaryOf(spec.texts, spec.hasNull, spec.isSorted, spec.start);
        const found = (set: CodeSet) => codesIn(set, all.length);
        const codesOf = (accepts: (text: string) => boolean) =>
          [...all.keys()].filter((code) => all[code] !== null && accepts(all[code]!));
        const { lower, upper, lowerStrict, upperStrict } = bounds;
        const isWithin = (each: string) =>
          (lower === null || Math.sign(compareText(each, lower)) > (lowerStrict ? 0 : -1)) &&
          (upper === null || Math.sign(compareText(each, upper)) < (upperStrict ? 0 : 1));
        expect(found(texts.equal([wanted, other]))).toEqual(
          codesOf((each) => each === wanted || each === other),
        );
        expect(found(texts.beginningWith(wanted))).toEqual(
          codesOf((each) => each.startsWith(wanted)),
        );
        expect(found(texts.within(bounds))).toEqual(codesOf(isWithin));
        if (wanted === '') return;
        const everywhere = { from: spec.hasNull ? 1 : 0, to: all.length };
        expect(holding(texts, wanted, isAtEnd, everywhere)).toEqual(
          codesOf((each) => (isAtEnd ? each.endsWith(wanted) : each.includes(wanted))),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test('goes on where the room for codes was full', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `name-${i}`);
  const { all, texts } = dictionaryOf(names, true);
  const found = holding(texts, 'name', false, { from: 1, to: all.length });
  expect(found.length).toBe(20_000);
  const nines = holding(texts, '9', true, { from: 1, to: all.length });
  expect(nines.length).toBe(2000);
});
