import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunningQueries } from './running-queries.js';

/** Work that ends when the test says so, or fails when its signal is raised. */
function start(running: RunningQueries, id: string, parent?: AbortSignal) {
  let end: (value: string) => void = () => undefined;
  const seen: { signal: AbortSignal | null } = { signal: null };
  const done = running.run(id, parent, (signal) => {
    seen.signal = signal;
    return new Promise<string>((resolve, reject) => {
      end = resolve;
      signal.addEventListener('abort', () => reject(signal.reason));
      if (signal.aborted) reject(signal.reason);
    });
  });
  const outcome = done.then(
    (value) => value,
    () => 'cancelled',
  );
  return { outcome, end: (value: string) => end(value), signal: () => seen.signal! };
}

test('a query gives what its work gives, and is forgotten then', async () => {
  const running = new RunningQueries();
  const query = start(running, 'a');
  expect(running.count).toBe(1);
  query.end('rows');
  expect(await query.outcome).toBe('rows');
  expect([running.count, running.cancel('a')]).toEqual([0, false]);
  expect(query.signal().aborted).toBe(false);
});

test('cancelling reaches every query of the id and no other', async () => {
  const running = new RunningQueries();
  const [first, second, other] = ['a', 'a', 'b'].map((id) => start(running, id));
  expect(running.cancel('a')).toBe(true);
  expect(await Promise.all([first!.outcome, second!.outcome])).toEqual(['cancelled', 'cancelled']);
  expect([running.count, running.cancel('a'), other!.signal().aborted]).toEqual([1, false, false]);
  other!.end('rows');
  expect(await other!.outcome).toBe('rows');
});

test('a client that goes away cancels its query only', async () => {
  const running = new RunningQueries();
  const client = new AbortController();
  const mine = start(running, 'a', client.signal);
  const other = start(running, 'a', new AbortController().signal);
  client.abort();
  expect(await mine.outcome).toBe('cancelled');
  expect(other.signal().aborted).toBe(false);
  other.end('rows');
  expect(await other.outcome).toBe('rows');
});

test('a client that went away before is noticed as well', async () => {
  const running = new RunningQueries();
  expect(await start(running, 'a', AbortSignal.abort()).outcome).toBe('cancelled');
  expect(running.count).toBe(0);
});

test('a client that goes away later does not reach a query that has ended', async () => {
  const running = new RunningQueries();
  const client = new AbortController();
  const query = start(running, 'a', client.signal);
  query.end('rows');
  await query.outcome;
  client.abort();
  expect(query.signal().aborted).toBe(false);
});

test('work that throws at once is forgotten too, and its error is passed on', async () => {
  const running = new RunningQueries();
  const failing = running.run('a', undefined, () => {
    throw new Error('no such table');
  });
  await expect(failing).rejects.toThrow('no such table');
  expect(running.count).toBe(0);
});

type Step =
  | { readonly kind: 'start' | 'cancel'; readonly id: string }
  | { readonly kind: 'end'; readonly which: number };
const id = fc.constantFrom('a', 'b', '__proto__');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('start' as const, 'cancel' as const), id }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat(9) }),
);

test('after any steps just those run that were neither ended nor cancelled', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const running = new RunningQueries();
      let live: { id: string; query: ReturnType<typeof start> }[] = [];
      for (const each of steps) {
        if (each.kind === 'start') {
          live.push({ id: each.id, query: start(running, each.id) });
        } else if (each.kind === 'end') {
          const [one] = live.splice(each.which % Math.max(1, live.length), 1);
          one?.query.end('rows');
          if (one !== undefined) expect(await one.query.outcome).toBe('rows');
        } else {
          const hit = live.filter((one) => one.id === each.id);
          live = live.filter((one) => one.id !== each.id);
          expect(running.cancel(each.id)).toBe(hit.length > 0);
          for (const { query } of hit) expect(await query.outcome).toBe('cancelled');
        }
        expect(running.count).toBe(live.length);
      }
    }),
  );
});
