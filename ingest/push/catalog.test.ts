import { expect, test } from 'vitest';
import { PowerCutError, SeededRandom, UnavailableError, VirtualDisk } from '../../core/index.js';
import { testPushCatalog } from './catalog-contract-testing.js';
import { DiskCatalog } from './catalog-testing.js';

testPushCatalog('a file', async () => {
  const disk = new VirtualDisk({ onFatal: () => undefined });
  const catalog = new DiskCatalog(disk, '/catalog');
  return {
    catalog,
    published: async (dataSource) => catalog.published(dataSource).map(({ sealed }) => sealed.path),
    chunkIntervals: async () => [],
    failAfter(steps) {
      const first = disk.operationCount + (steps ?? 0);
      const fault = { error: new UnavailableError('no disk') };
      disk.setFaults(steps === null ? null : ({ index }) => (index >= first ? fault : null));
    },
    close: async () => undefined,
  };
});

test('a power cut at any call leaves the catalogue of before or after', async () => {
  const random = new SeededRandom(7);
  const seen = new Set<number>();
  for (let call = 0; call < 40; call++) {
    const disk = new VirtualDisk();
    const catalog = new DiskCatalog(disk, '/catalog');
    await catalog.declare('t', {}, 0);
    const last = disk.operationCount + call;
    const error = new PowerCutError();
    disk.setFaults(({ index }) => (index >= last ? { error } : null));
    const request = { table: 't', from: 0, to: 5, segments: new Map() };
    const committed = await catalog.publish(request).then(
      () => true,
      () => false,
    );
    const found = new DiskCatalog(disk.crash({ random: 0.5 }, random), '/catalog');
    const [table] = await found.tables();
    seen.add(table!.position!);
    if (committed) expect(table!.position).toBe(5);
    await found.publish(request);
    expect((await found.tables())[0]!.position).toBe(5);
  }
  expect([...seen].sort()).toEqual([0, 5]);
});
