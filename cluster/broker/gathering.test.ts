import { expect, test } from 'vitest';
import { steadyClock, systemTimers } from '../../core/index.js';
import { neverSilent } from '../membership/node-silence-testing.js';
import { Gathering } from './gathering.js';
import { NodeLoads } from './node-loads.js';
import type { RemotePart } from './remote-part.js';

const part = (number: number) =>
  ({ ref: { kind: 'segment' }, place: { hash: 0, stored: null }, number }) as unknown as RemotePart;

/** Each part is had by a node of its own. */
const nodes = {
  serving: (of: RemotePart) => {
    const name = `h${(of as unknown as { number: number }).number}`;
    return [{ name, url: name, priority: 0 }];
  },
  fetching: () => [],
  silenceOf: neverSilent,
  suspect: () => undefined,
};

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test('what comes while the consumer is busy with something else counts, the last answer included', async () => {
  const answers = Array.from({ length: 4 }, () => deferred());
  const gathering = new Gathering<number>(
    answers.map((_, i) => part(i)),
    async ({ numbers }) => {
      await answers[numbers[0]!]!.promise;
      return { answer: numbers[0]!, missing: [] };
    },
    { discard: () => undefined, onLost: null },
    new NodeLoads(),
    { nodes, clock: steadyClock, timers: systemTimers, leastHedgeMs: 1e9 },
  );
  const found: number[] = [];
  answers[0]!.resolve();
  for await (const { answer } of gathering.results(new AbortController().signal)) {
    found.push(answer);
    // All others come while this one is looked at.
    for (const { resolve } of answers) resolve();
    await new Promise((wake) => setTimeout(wake, 5));
  }
  expect(found.sort()).toEqual([0, 1, 2, 3]);
});
