import {
  AutoCompaction,
  CompactionSettings,
  compactionConfigs,
  MetadataStore,
  RetentionRules,
  Supervisors,
} from '../../../cluster/index.js';
import { days, openInventory, publishOf, sealChunk } from '../../../cluster/testing.js';
import { ManualClock, SeededRandom, silentLogger, VirtualDisk } from '../../../core/index.js';
import { TaskManager } from '../../../ingest/index.js';
import { parseConfig } from '../../config.js';
import { Lookups } from '../../lookups/lookups.js';
import type { VarveNode } from '../../node.js';
import { createApp } from '../app.js';
import type { ClusterView } from './cluster-view.js';
import { singleServer } from './single-server.js';

const DAY_MS = 86_400_000;

/** What an answer held: its JSON, or its text where it is none; null for none at all. */
export interface Answer {
  readonly status: number;
  readonly json: unknown;
  /** Where the client is sent. */
  readonly location?: string;
}

/** For tests: the HTTP API over a store in memory, whose tasks publish nothing, at noon of 1970-02-10; `viewOf` makes another cluster of the single server. */
export async function coordinatorWorld(
  viewOf: (single: ClusterView) => ClusterView = (single) => single,
) {
  const disk = new VirtualDisk();
  const clock = new ManualClock(40.5 * DAY_MS);
  const metadata = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  const inventory = await openInventory(disk, metadata);
  const input = { disk, localRoots: ['/data'], httpHosts: [], fetch, maxEntityBytes: 1, clock };
  const tasks = new TaskManager({
    store: metadata.tasks,
    publisher: inventory,
    remover: inventory,
    run: () => Promise.reject(new Error('nothing is built in these tests')),
    input,
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
    slots: () => 1,
  });
  const config = parseConfig({ insecure: true, port: 8888 });
  const rules = new RetentionRules(metadata.settings);
  const compactionSettings = new CompactionSettings(metadata.settings);
  const supervisors = new Supervisors(metadata.settings, metadata.tasks);
  const compaction = new AutoCompaction({
    configs: () => compactionConfigs(compactionSettings, supervisors),
    slots: () => compactionSettings.slots(),
    tables: inventory,
    tasks,
    clock,
    random: new SeededRandom(2),
    logger: silentLogger,
    taskSlots: () => 1,
  });
  const loader = { load: () => Promise.reject(new Error('nothing is read in these tests')) };
  const services = { loader, input, clock, logger: silentLogger };
  const lookups = await Lookups.open(metadata.settings, services);
  const parts: Partial<VarveNode> = {
    lookups,
    config,
    logger: silentLogger,
    inventory,
    metadata,
    clock,
    rules,
    compactionSettings,
    compaction,
    supervisors,
    tasks,
  };
  const node = parts as VarveNode;
  const app = createApp(node, viewOf(singleServer(node)));

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await app.request(path, {
      method,
      headers,
      ...(text === undefined ? {} : { body: text }),
    });
    const location = response.headers.get('Location');
    const json = jsonOf(await response.text());
    return { status: response.status, json, ...(location !== null && { location }) };
  }

  return {
    app,
    disk,
    clock,
    metadata,
    inventory,
    tasks,
    rules,
    call,
    get: async (path: string) => (await call('GET', path)).json,
    /** Publishes a row on each of the days, as one overwrite; a version of its own for each call. */
    async publish(name: string, ...spans: readonly (readonly [number, number])[]) {
      clock.advance(1000);
      const segments = spans.map(([from, to], i) =>
        sealChunk(disk, `${name}${i}`, days(from, to), [{ __time: from * DAY_MS, a: name }]),
      );
      await inventory.publish(publishOf(name, 'overwrite', segments));
    },
  };
}

export type CoordinatorWorld = Awaited<ReturnType<typeof coordinatorWorld>>;

function jsonOf(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
