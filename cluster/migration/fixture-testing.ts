import {
  ArenaPool,
  type Disk,
  ManualClock,
  SeededRandom,
  silentLogger,
  steadyClock,
  systemTimers,
} from '../../core/index.js';
import { DEFAULT_LIMITS, parseNativeQuery, type TableProvider } from '../../query/index.js';
import { testEngine } from '../../query/testing.js';
import { performLoad, SegmentCache } from '../../segments/index.js';
import { BrokerTables } from '../broker/broker-tables.js';
import { Scatter } from '../broker/scatter.js';
import { HistoricalNode } from '../historical/historical-node.js';
import { ShelfParts } from '../historical/shelf-parts.js';
import { DATA_DIR } from '../inventory/fixture-testing.js';
import type { TaskWorld } from '../inventory/task-world-testing.js';
import { neverSilent } from '../membership/node-silence-testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { shareMethods } from '../serving/share-methods.js';
import { FolderStore } from '../storage/folder-store.js';
import { packingOn } from '../storage/packing.js';
import { SegmentTransfer } from '../storage/segment-transfer.js';
import { LocalCarrier } from '../transport/local-carrier.js';
import { NodeClient } from '../transport/node-client.js';
import { NodeMethods } from '../transport/node-methods.js';
import type { NodeRole } from '../transport/types.js';
import { migrateInto } from './migrate.js';
import { type PlanOptions, planMigration } from './migration-plan.js';

/** For tests: the metadata of a cluster without anything. */
export const emptyCluster = (clock = new ManualClock(Date.UTC(2024, 6, 1))) =>
  MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);

/** For tests: deep storage in a folder of the disk. */
export function deepStorage(disk: Disk, seed = 1) {
  const random = new SeededRandom(seed);
  const store = new FolderStore({ disk, path: '/deep', random });
  const packing = packingOn(disk);
  const transfer = new SegmentTransfer({ disk, store, packing, random, temporaryDir: '/packed' });
  return { store, transfer };
}

/** For tests: moves what is in `/data` of the disk into a cluster; gives what was copied, new or not. */
export async function migrateAll(
  disk: Disk,
  source: MetadataStore,
  target: MetadataStore,
  { seed = 1, pushNode = null }: { seed?: number; pushNode?: PlanOptions['pushNode'] } = {},
) {
  const plan = await planMigration({ source, dataDir: DATA_DIR, target, disk, pushNode });
  const copied: boolean[] = [];
  const world = { dataDir: DATA_DIR, target, disk, workDir: `/compared/${seed}`, parallel: 2 };
  const { signal } = new AbortController();
  await migrateInto(
    plan,
    {
      ...world,
      ...deepStorage(disk, seed),
      onCopied: (_, isNew) => copied.push(isNew),
    },
    signal,
  );
  return { plan, copied };
}

/** For tests: answers of a broker over one historical, which fetches what it is asked for. */
export async function clusterAnswers(disk: Disk, store: MetadataStore) {
  const { transfer } = deepStorage(disk, 99);
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 26 });
  const load = async (job: Parameters<typeof performLoad>[1]) => performLoad(disk, job);
  const cache = new SegmentCache({ pool, disk, load, maxBytes: 1 << 26 });
  const shelf = { disk, directory: '/shelf', transfer, logger: silentLogger };
  const limits = { maxBytes: 1 << 30, coldBytes: 1 << 29, onChange: () => undefined };
  const node = new HistoricalNode({ ...shelf, ...limits });
  const parts = new ShelfParts(node, disk, cache);
  const identity = (name: string, role: NodeRole) => ({ name, incarnation: '1', roles: [role] });
  const base = { cluster: 'c', secret: 'sixteen-letters-or-more', logger: silentLogger };
  const wire = { ...base, timers: systemTimers };
  const methods = new NodeMethods({ ...wire, self: identity('h', 'historical') });
  for (const method of shareMethods(parts, testEngine(NO_TABLES).shares)) methods.add(method);
  const carrier = new LocalCarrier();
  carrier.connect('h', methods);
  const holder = new Scatter({
    client: new NodeClient(carrier, { ...wire, self: identity('b', 'broker') }),
    nodes: {
      serving: () => [],
      fetching: () => [{ name: 'h', url: 'h', priority: 0 }],
      silenceOf: neverSilent,
      suspect: () => undefined,
    },
    clock: steadyClock,
    timers: systemTimers,
    deadlineMs: 60_000,
    leastHedgeMs: 60_000,
  });
  const tables = new BrokerTables({
    changes: store.changes,
    told: () => [],
    holder,
    declared: () => null,
  });
  await tables.refresh();
  return { tables, answers: answersOf(tables) };
}

/** For tests: the same of the server that was alone. */
export const serverAnswers = ({ inventory }: Pick<TaskWorld, 'inventory'>) => answersOf(inventory);

const NO_TABLES: TableProvider = {
  snapshot: () => ({ parts: () => [], schema: () => null, release: () => undefined }),
  waitFor: async () => undefined,
};

const answersOf = (tables: TableProvider) => async (queries: readonly object[]) => {
  const engine = testEngine(tables, { limits: DEFAULT_LIMITS });
  const answers: unknown[] = [];
  for (const query of queries) {
    answers.push((await engine.run(parseNativeQuery(query))).rows);
  }
  return answers;
};
