import { expect, test } from 'vitest';
import type { SegmentInventory } from '../cluster/index.js';
import type { TaskManager } from '../ingest/index.js';
import { parseConfig } from './config.js';
import { systemTables } from './system-tables.js';

test('rows that are not published are segments too, and say so', async () => {
  const live = {
    id: {
      dataSource: 't',
      interval: { startMs: 0, endMs: 1001 },
      version: 'realtime',
      partitionNum: 7,
    },
    idText: 't_x_7',
    rowCount: 3,
    sizeBytes: 0,
    columns: [
      { name: '__time', role: 'time' },
      { name: 'page', role: 'dimension' },
      { name: 'bytes', role: 'metric' },
    ],
  };
  const inventory = { segments: () => [], liveSegments: () => [live] };
  const system = systemTables(
    inventory as unknown as SegmentInventory,
    {} as unknown as TaskManager,
    parseConfig({}),
  );
  expect(await system.rows('segments')).toEqual([
    {
      segment_id: 't_x_7',
      datasource: 't',
      start: '1970-01-01T00:00:00.000Z',
      end: '1970-01-01T00:00:01.001Z',
      size: 0,
      version: 'realtime',
      partition_num: 7,
      num_replicas: 1,
      num_rows: 3,
      is_active: 1,
      is_published: 0,
      is_available: 1,
      is_realtime: 1,
      is_overshadowed: 0,
      dimensions: '["page"]',
      metrics: '["bytes"]',
      replication_factor: -1,
    },
  ]);
  expect(await system.rows('server_segments')).toMatchObject([{ segment_id: 't_x_7' }]);
});
