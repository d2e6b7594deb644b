import { expect, test } from 'vitest';
import { ManualClock } from '../../core/index.js';
import { heardAll } from './heard-all.js';

function world(...numbers: number[]) {
  const clock = new ManualClock(7000);
  const nodes = numbers.map((number) => ({ number }));
  const view = { nodes: () => nodes } as unknown as Parameters<typeof heardAll>[0]['view'];
  return { clock, nodes, isHeard: heardAll({ view }, clock, 100) };
}

test('nobody is there: nothing has to be heard', () => {
  expect(world().isHeard()).toBe(true);
});

test('until all have told something; one that comes later changes nothing', () => {
  const { nodes, isHeard } = world(-1, 3);
  expect(isHeard()).toBe(false);
  nodes[0]!.number = 0;
  expect(isHeard()).toBe(true);
  nodes.push({ number: -1 });
  expect(isHeard()).toBe(true);
});

test('one that never tells is not waited for for ever', () => {
  const { clock, isHeard } = world(-1);
  clock.advance(99);
  expect(isHeard()).toBe(false);
  clock.advance(1);
  expect(isHeard()).toBe(true);
});
