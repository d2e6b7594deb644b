import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TranslatedIds } from './translated-ids.js';

/** Like the other one at first, then not. */
const ownOf = (id: number): number => (id < 12 ? id : 1000 - id);

test('every id is found once, whatever the batches; 0 stays 0', () => {
  const batch = fc.tuple(fc.array(fc.nat(30)), fc.option(fc.array(fc.nat(99))));
  fc.assert(
    fc.property(fc.array(batch), (batches) => {
      const asked: number[] = [];
      const translated = new TranslatedIds((ids, found) => {
        asked.push(...ids);
        for (let i = 0; i < ids.length; i++) found[i] = ownOf(ids[i]!);
      });
      const seen = new Set<number>();
      for (const [all, picks] of batches) {
        const order = picks === null || all.length === 0 ? null : picks.map((i) => i % all.length);
        const ids = order === null ? all : order.map((i) => all[i]!);
        for (const id of ids) if (id !== 0) seen.add(id);
        translated.grow(Math.max(0, ...all) + 1);
        const target = new Uint32Array(ids.length);
        const rows = order === null ? null : Uint32Array.from(order);
        translated.translate(Uint32Array.from(all), rows, target);
        expect([...target]).toEqual(ids.map(ownOf));
      }
      expect(asked).toEqual([...seen]);
    }),
  );
});

test('ids that could not be found are looked for again', () => {
  let isBroken = true;
  const translated = new TranslatedIds((ids, found) => {
    for (let i = 0; i < ids.length; i++) {
      if (isBroken && ids[i] === 2) throw new Error('broken');
      found[i] = 10 + ids[i]!;
    }
  });
  translated.grow(4);
  const ids = Uint32Array.of(1, 2, 3, 2);
  const target = new Uint32Array(4);
  expect(() => translated.translate(ids, null, target)).toThrow('broken');
  isBroken = false;
  translated.translate(ids, null, target);
  expect([...target]).toEqual([11, 12, 13, 12]);
});
