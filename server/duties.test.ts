import { expect, test } from 'vitest';
import { ManualClock, silentLogger } from '../core/index.js';
import { Duties, type Duty } from './duties.js';

const clock = new ManualClock(7);

test('duties run one after the other; one that fails does not keep the others', async () => {
  const ran: string[] = [];
  const duties: Duty[] = ['a', 'b', 'c'].map((name) => ({
    name,
    run: async (nowMs) => {
      ran.push(`${name}${nowMs}`);
      await Promise.resolve();
      if (name === 'b') throw new Error('no');
    },
  }));
  const all = new Duties(duties, clock, silentLogger);
  await Promise.all([all.run(), all.run()]);
  expect(ran).toEqual(['a7', 'b7', 'c7']);
  await all.run();
  expect(ran).toHaveLength(6);
  await all.close();
});

test('rounds come by themselves, and end with the duty at which it is closed', async () => {
  let rounds = 0;
  let more: () => void = () => undefined;
  const twice = new Promise<void>((resolve) => {
    more = resolve;
  });
  const all = new Duties(
    [
      {
        name: 'a',
        run: async () => {
          rounds++;
          if (rounds === 2) {
            more();
            void all.close();
          }
        },
      },
      { name: 'b', run: async () => expect(rounds).toBe(1) },
    ],
    clock,
    silentLogger,
  );
  all.start(1);
  await twice;
  await all.close();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(rounds).toBe(2);
});
