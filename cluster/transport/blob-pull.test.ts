import { expect, test } from 'vitest';
import {
  CapacityError,
  sha256Hex,
  silentLogger,
  systemTimers,
  UnavailableError,
} from '../../core/index.js';
import { BlobPull, type BlobPullOptions, blobsMethod } from './blob-pull.js';
import { LocalCarrier } from './local-carrier.js';
import { NodeClient } from './node-client.js';
import { NodeMethods } from './node-methods.js';
import type { NodeIdentity } from './types.js';

const BYTES = Uint8Array.from({ length: 2_500_000 }, (_, i) => i * 31);
const HASH = sha256Hex(BYTES);
const SELF: NodeIdentity = { name: 'n', incarnation: 'i', roles: ['historical'] };
const SHARED = { cluster: 'c', secret: 'sixteen-characters', timers: systemTimers };
const NEVER = new AbortController().signal;

function world(options: Partial<BlobPullOptions> = {}) {
  const carrier = new LocalCarrier();
  const asked: string[] = [];
  const shelf = (url: string, find: (hash: string) => Uint8Array | null) => {
    const methods = new NodeMethods({ ...SHARED, self: SELF, logger: silentLogger });
    methods.add(
      blobsMethod((hash) => {
        asked.push(url);
        return find(hash);
      }),
    );
    carrier.connect(url, methods);
  };
  const client = new NodeClient(carrier, { ...SHARED, self: SELF });
  const pull = new BlobPull({
    client,
    logger: silentLogger,
    deadlineMs: 10_000,
    maxBytes: 1e7,
    ...options,
  });
  return { shelf, pull, asked };
}

test('the next node is asked when one is away, has it not, or gives other bytes', async () => {
  const { shelf, pull, asked } = world();
  shelf('empty', () => null);
  shelf('wrong', () => BYTES.slice(1));
  shelf('right', (hash) => (hash === HASH ? BYTES : null));
  const found = await pull.get(HASH, ['away', 'empty', 'wrong', 'right', 'never'], NEVER);
  expect(sha256Hex(found)).toBe(HASH);
  expect(asked).toEqual(['empty', 'wrong', 'right']);
  await expect(pull.get(HASH, ['empty', 'wrong'], NEVER)).rejects.toThrow(/gave other bytes/);
  await expect(pull.get(HASH, [], NEVER)).rejects.toThrow(UnavailableError);
  await expect(pull.get('../secret', ['right'], NEVER)).rejects.toThrow(/must be a SHA-256/);
});

test('it is fetched once however many ask, as long as one of them waits', async () => {
  const { shelf, pull, asked } = world();
  shelf('right', () => BYTES);
  const gone = new AbortController();
  const first = pull.get(HASH, ['right'], gone.signal);
  const others = [1, 2, 3].map(() => pull.get(HASH, ['right'], NEVER));
  gone.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  for (const found of await Promise.all(others)) expect(found.length).toBe(BYTES.length);
  expect(asked).toEqual(['right']);
});

test('bounds: the size of one, and how many at once', async () => {
  const { shelf, pull } = world({ maxBytes: 2_000_000, maxPulls: 1 });
  shelf('right', () => BYTES);
  const asking = pull.get(HASH, ['right'], NEVER);
  await expect(pull.get(HASH.replaceAll('a', 'b'), ['right'], NEVER)).rejects.toThrow(
    CapacityError,
  );
  await expect(asking).rejects.toThrow(/2500000 bytes, beyond the limit of 2000000/);
});

test('when nobody waits any more it ends, and the next one starts anew', async () => {
  const { shelf, pull, asked } = world();
  shelf('right', () => BYTES);
  const gone = new AbortController();
  const asking = pull.get(HASH, ['right'], gone.signal);
  gone.abort(new Error('gone'));
  await expect(asking).rejects.toThrow('gone');
  expect((await pull.get(HASH, ['right'], NEVER)).length).toBe(BYTES.length);
  expect(asked.length).toBeGreaterThan(0);
});
