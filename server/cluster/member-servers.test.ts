import { expect, test } from 'vitest';
import { parseConfig } from '../config.js';
import { type SystemTableParts, systemTables } from '../system-tables.js';
import { memberServers } from './member-servers.js';
import type { ServedSegments } from './served-segments.js';

const node = (name: string, port: number, roles: string[], tier = '') => ({
  name,
  roles,
  url: `http://10.0.0.1:${port}`,
  tier,
  capacityBytes: 100,
});

const NODES = [
  node('c1', 1, ['coordinator']),
  node('c2', 2, ['coordinator', 'broker']),
  node('h1', 3, ['historical'], 'hot'),
  node('h2', 4, ['historical'], 'cold'),
  node('r1', 5, ['realtime']),
];

/** Two nodes have the first segment, one the second, nobody the third. */
const HOLDERS: Record<string, number[]> = { a: [2, 3], b: [3], c: [], t: [] };

const segment = (idText: string, isTombstone = false) => ({
  id: { dataSource: 't', interval: { startMs: 0, endMs: 1 }, version: 'v', partitionNum: 0 },
  idText,
  isTombstone,
  shardSpec: {},
  compactionState: null,
  sealed: { rowCount: 1, sizeBytes: 7, columns: [] },
});

const live = (name: string) => ({
  id: { ...segment('').id, version: `realtime ${name}` },
  idText: `live-${name}`,
  rowCount: 1,
  sizeBytes: 1,
  columns: [],
});

function tables() {
  const view = { nodesOf: (id: string) => HOLDERS[id]!.map((i) => ({ node: NODES[i]! })) };
  const nodes = {
    alive: () => NODES,
    node: (name: string) => NODES.find((each) => each.name === name) ?? null,
  };
  const served = { of: (name: string) => ({ segments: [], sizeBytes: name === 'h1' ? 7 : 14 }) };
  const parts = [nodes, view] as unknown as Parameters<typeof memberServers>;
  const serving = memberServers(
    parts[0],
    parts[1],
    served as unknown as ServedSegments,
    { leader: 'c2' },
    async () =>
      ({ idText }) =>
        new Map(
          idText === 'c'
            ? []
            : [
                ['hot', 2],
                ['cold', 1],
              ],
        ),
  );
  const all = [segment('a'), segment('b'), segment('c'), segment('t', true)];
  const inventory = {
    unreadable: () => [],
    dataSources: () => ['t'],
    placed: () => all,
    liveSegments: () => [live('r1'), live('lost')],
  };
  const told = { inventory, serving, config: parseConfig({}) };
  return systemTables(told as unknown as SystemTableParts);
}

test('sys.servers has a row for each role of each node', async () => {
  const rows = await tables().rows('servers');
  expect(rows.map((row) => [row.server, row.server_type, row.tier, row.is_leader])).toEqual([
    ['10.0.0.1:1', 'coordinator', null, 0],
    ['10.0.0.1:2', 'coordinator', null, 1],
    ['10.0.0.1:2', 'broker', null, null],
    ['10.0.0.1:3', 'historical', 'hot', null],
    ['10.0.0.1:4', 'historical', 'cold', null],
    ['10.0.0.1:5', 'indexer', null, null],
  ]);
  expect(rows.map((row) => [row.current_size, row.max_size])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
    [7, 100],
    [14, 100],
    [0, 0],
  ]);
});

test('sys.server_segments says who has what, rows that are not published included', async () => {
  const rows = await tables().rows('server_segments');
  expect(rows.map((row) => [row.server, row.segment_id])).toEqual([
    ['10.0.0.1:3', 'a'],
    ['10.0.0.1:4', 'a'],
    ['10.0.0.1:4', 'b'],
    ['10.0.0.1:5', 'live-r1'],
  ]);
});

test('sys.segments counts replicas, and what the rules want of them', async () => {
  const rows = await tables().rows('segments');
  const facts = rows.map((row) => [
    row.segment_id,
    row.num_replicas,
    row.is_available,
    row.is_realtime,
    row.replication_factor,
  ]);
  expect(facts).toEqual([
    ['a', 2, 1, 0, 3],
    ['b', 1, 1, 0, 3],
    ['c', 0, 0, 0, 0],
    ['t', 0, 1, 0, 3],
    ['live-r1', 1, 1, 1, -1],
    ['live-lost', 1, 1, 1, -1],
  ]);
});
