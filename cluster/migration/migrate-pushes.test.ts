import { expect, test } from 'vitest';
import {
  type Disk,
  ManualClock,
  SeededRandom,
  silentLogger,
  stringifyJson,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import type { PushCatalog, PushRequest } from '../../ingest/index.js';
import { PushEngine, runSealJob } from '../../ingest/testing.js';
import { DATA_DIR, filesBelow, openInventory } from '../inventory/fixture-testing.js';
import { chunkIntervalsOf } from '../metadata/chunk-intervals.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { emptyCluster, migrateAll } from './fixture-testing.js';

const MIB = 2 ** 20;
const NOW_MS = Date.UTC(2024, 0, 1, 12);
const NODE = { name: 'r1', logDir: '/node/push' };

const placeOf = (path: string) => ({ type: 'sqlite', path }) as const;

/** An engine on a log, in this thread. */
function engineOn(
  disk: Disk,
  logDir: string,
  catalog: PushCatalog,
  store: MetadataStore,
  seed = 1,
) {
  return PushEngine.open({
    disk,
    clock: new ManualClock(NOW_MS),
    random: new SeededRandom(seed),
    logger: silentLogger,
    catalog,
    seal: async (job) => runSealJob(disk, job, 64 * MIB),
    logDir,
    piecesDir: '/pieces',
    segmentsDir: `${DATA_DIR}/segments`,
    limits: { queueBytes: MIB, memoryBytes: 64 * MIB, logBytes: MIB, logFileBytes: 300 },
    arenas: { arenaBytes: MIB, maxBytes: 64 * MIB },
    chunkIntervals: async (name) => chunkIntervalsOf(await store.segments.used(name)),
    announce: () => undefined,
  });
}

const rowsOf = (batch: number): object[] => [
  { time: NOW_MS - batch * 1000, page: `p${batch}`, n: batch },
  { time: NOW_MS, page: 'all', n: 1 },
  { time: 'never', page: 'bad' },
];

const batch = (sequence: number, others: Partial<PushRequest> = {}): PushRequest => ({
  table: 'clicks',
  format: 'ndjson',
  producer: 'app',
  sequence,
  key: null,
  ack: 'disk',
  body: utf8Encode(
    rowsOf(sequence)
      .map((row) => stringifyJson(row))
      .join('\n'),
  ),
  ...others,
});

/** A server that took batches 1 to 4, of which two were handed off, and one with a key. */
async function pushedServer(isClosed: boolean) {
  const disk = new VirtualDisk();
  const store = await MetadataStore.open(placeOf(':memory:'), new ManualClock(NOW_MS));
  const inventory = await openInventory(disk, store);
  const engine = await engineOn(disk, `${DATA_DIR}/push`, inventory.pushCatalog, store);
  const answers = [];
  for (const sequence of [1, 2]) answers.push(await engine.push(batch(sequence)));
  await engine.handOff('clicks');
  for (const sequence of [3, 4]) answers.push(await engine.push(batch(sequence)));
  const keyed = batch(5, { producer: null, sequence: null, key: 'k' });
  answers.push(await engine.push(keyed));
  const { tables } = engine.stats();
  if (isClosed) await engine.close();
  const found = isClosed ? disk : disk.crash('synced-only', new SeededRandom(1));
  return { disk: found, store, answers, keyed, stats: tables[0]! };
}

const storedRows = async (store: MetadataStore, name: string) =>
  (await store.segments.used(name)).reduce((sum, { sealed }) => sum + sealed.rowCount, 0);

test.each([true, false])(
  'rows that are not handed off and what is known of producers go along (server closed: %s)',
  async (isClosed) => {
    const { disk, store, answers, keyed, stats } = await pushedServer(isClosed);
    const target = await emptyCluster();
    const before = filesBelow(disk, DATA_DIR).map((path) => [path, disk.readFile(path)]);
    const { plan } = await migrateAll(disk, store, target, { pushNode: NODE });
    expect(plan.pushTables).toEqual(['clicks']);
    expect(filesBelow(disk, DATA_DIR).map((path) => [path, disk.readFile(path)])).toEqual(before);
    expect([...(await target.pushTables.owners())]).toEqual([['clicks', { node: 'r1', epoch: 1 }]]);
    expect(await target.pushTables.specs()).toEqual(await store.pushTables.specs());

    const engine = await engineOn(disk, NODE.logDir, target.pushTables.ofLog('r1'), target, 2);
    const { rowsPerSecond: _, freshnessMs: __, bufferedBytes: ___, ...expected } = stats;
    expect(engine.stats().tables).toMatchObject([expected]);
    await engine.adopt('clicks');
    // Sent again, none is stored again, and the answers are those of then.
    for (const [i, request] of [batch(1), batch(2), batch(3), batch(4), keyed].entries()) {
      const { token: ____, ...first } = answers[i]!;
      expect(await engine.push(request)).toMatchObject({ ...first, duplicate: true });
    }
    expect(await engine.push(batch(5))).toMatchObject({ stored: 2, rejected: 1, duplicate: false });
    await engine.handOff('clicks');
    expect(await storedRows(target, 'clicks')).toBe(2 * 6);
    expect(await storedRows(target, 'sys.dead_letters')).toBe(6);
    // Letters go on with the numbers behind those of the server.
    expect(engine.stats().tables[0]!.letters).toBe(stats.letters + 1);
    await engine.close();
  },
);

test('push tables that have nowhere to go are refused, and so is a log where another one is', async () => {
  const { disk, store } = await pushedServer(true);
  const target = await emptyCluster();
  await expect(migrateAll(disk, store, target)).rejects.toThrow(
    'rows are pushed into "clicks": give with --config the configuration of a realtime node',
  );
  await target.pushTables.ofLog('r1').declare('other', {}, 0);
  const taken = migrateAll(disk, store, target, { pushNode: NODE });
  await expect(taken).rejects.toThrow('the node "r1" has a push log already');
  disk.makeDirectory('/node2/push');
  const file = disk.create('/node2/push/0000000000000001.log');
  file.write(utf8Encode('of another log'));
  file.close();
  const pushNode = { name: 'r2', logDir: '/node2/push' };
  const strange = migrateAll(disk, store, target, { pushNode });
  await expect(strange).rejects.toThrow('/node2/push has a push log of its own already');
  expect(await target.segments.all()).toEqual([]);
});

test('a log of which a part was copied is copied to its end', async () => {
  const { disk, store } = await pushedServer(true);
  const names = disk.list(`${DATA_DIR}/push`);
  expect(names.length).toBeGreaterThan(1);
  disk.makeDirectory(NODE.logDir);
  for (const [name, bytes] of [
    [names[0]!, disk.readFile(`${DATA_DIR}/push/${names[0]}`)],
    [`${names[1]}.tmp`, utf8Encode('torn')],
  ] as const) {
    const file = disk.create(`${NODE.logDir}/${name}`);
    file.write(bytes);
    file.close();
  }
  await migrateAll(disk, store, await emptyCluster(), { pushNode: NODE });
  for (const name of names) {
    expect(disk.readFile(`${NODE.logDir}/${name}`)).toEqual(
      disk.readFile(`${DATA_DIR}/push/${name}`),
    );
  }
});
