import { afterAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../../core/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import {
  dropSchemas,
  freshSchema,
  POSTGRES_URL,
  REAL_MEANS,
} from '../metadata/postgres-testing.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { migrateAll } from './fixture-testing.js';
import { expectMoved, someServer } from './moved-tables-testing.js';

afterAll(dropSchemas);

describe.skipIf(POSTGRES_URL === undefined)('VARVE_TEST_POSTGRES', () => {
  const open = (place = freshSchema()) =>
    MetadataStore.open(place, new ManualClock(Date.UTC(2024, 6, 1)), REAL_MEANS);

  test('a cluster has what the server had, once, while others write', async () => {
    const node = await someServer();
    const place = freshSchema();
    const [target, other] = [await open(place), await open(place)];
    let isRunning = true;
    const writing = (async () => {
      for (let i = 0; isRunning; i++) {
        const request = publishOf(`task${i}`, 'append', [chunkSegment(days(0, 1), `f${i}`)]);
        await other.segments.publish({ ...request, dataSource: 'other' });
      }
    })();
    const { copied } = await migrateAll(node.disk, node.store, target);
    isRunning = false;
    await writing;
    await other.segments.drop('other', { kind: 'all' });
    const order = { interval: days(0, 1), versions: null, maxUsedChangedMs: null, ids: null };
    await other.segments.kill('other', { ...order, limit: 1e6 });
    await expectMoved(node.disk, node, target);
    const again = await migrateAll(node.disk, node.store, other, { seed: 2 });
    expect(again.plan.isDone).toBe(true);
    expect(again.copied).toEqual([]);
    expect(copied.length).toBeGreaterThan(3);
    await Promise.all([target, other, node].map((each) => each.close()));
  });

  test('two migrations of the same directory at once come to one', async () => {
    const node = await someServer();
    const place = freshSchema();
    const stores = [await open(place), await open(place)];
    await Promise.all(
      stores.map((store, i) => migrateAll(node.disk, node.store, store, { seed: i + 1 })),
    );
    await expectMoved(node.disk, node, stores[1]!);
    await Promise.all([...stores, node].map((each) => each.close()));
  });
});
