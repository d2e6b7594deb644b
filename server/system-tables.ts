import {
  columnNames,
  type LiveSegment,
  type SegmentInventory,
  type ServedSegment,
} from '../cluster/index.js';
import { isJsonObject, stringifyJson } from '../core/index.js';
import type { TaskManager } from '../ingest/index.js';
import { formatInstant, type Value } from '../model/index.js';
import type { SystemRow, SystemTables } from '../query/index.js';
import type { SegmentId } from '../segments/index.js';
import type { Config } from './config.js';
import type { Pushes, TableStatus } from './push/pushes.js';

/** The rows of schema `sys`: what this process knows of its segments, itself, its tasks and its push tables. */
export function systemTables(
  inventory: SegmentInventory,
  tasks: TaskManager,
  pushes: Pushes,
  config: Config,
): SystemTables {
  const server = `${config.host}:${config.port}`;
  const rows = {
    segments: () => [
      ...inventory.segments().map(segmentRow),
      ...inventory.liveSegments().map(liveRow),
    ],
    servers: () => [serverRow(inventory, config, server)],
    server_segments: () =>
      [...inventory.segments().map(({ stored }) => stored), ...inventory.liveSegments()].map(
        ({ idText }) => ({ server, segment_id: idText }),
      ),
    tasks: async () => (await tasks.list()).map(taskRow),
    ingest: () => ingestRows(pushes),
  };
  return { rows: (table) => rows[table]() };
}

function segmentRow({ stored, isReadable }: ServedSegment): SystemRow {
  const { id, idText, shardSpec, sealed } = stored;
  return {
    ...placeCells(id, idText),
    size: sealed.sizeBytes,
    num_rows: sealed.rowCount,
    is_published: 1,
    is_available: isReadable ? 1 : 0,
    is_realtime: 0,
    shard_spec: stringifyJson(shardSpec),
    ...columnCells(sealed),
    replication_factor: 1,
  };
}

/** Rows that were pushed and are not published yet. */
function liveRow(live: LiveSegment): SystemRow {
  return {
    ...placeCells(live.id, live.idText),
    size: live.sizeBytes,
    num_rows: live.rowCount,
    is_published: 0,
    is_available: 1,
    is_realtime: 1,
    ...columnCells(live),
    // As Druid says where it is not known.
    replication_factor: -1,
  };
}

const placeCells = (id: SegmentId, idText: string): SystemRow => ({
  segment_id: idText,
  datasource: id.dataSource,
  start: formatInstant(id.interval.startMs),
  end: formatInstant(id.interval.endMs),
  version: id.version,
  partition_num: id.partitionNum,
  num_replicas: 1,
  is_active: 1,
  is_overshadowed: 0,
});

const columnCells = (segment: Parameters<typeof columnNames>[0]): SystemRow => ({
  dimensions: stringifyJson(columnNames(segment, 'dimension')),
  metrics: stringifyJson(columnNames(segment, 'metric')),
});

const serverRow = (inventory: SegmentInventory, config: Config, server: string): SystemRow => ({
  server,
  host: config.host,
  plaintext_port: config.port,
  tls_port: -1,
  server_type: 'historical',
  tier: '_default_tier',
  current_size: inventory
    .segments()
    .reduce((bytes, { stored }) => bytes + stored.sealed.sizeBytes, 0),
  max_size: config.memory.segmentBytes,
  is_leader: 1,
});

/** Which of Druid's task fields each column shows. */
const TASK_FIELDS = {
  task_id: 'id',
  group_id: 'groupId',
  type: 'type',
  datasource: 'dataSource',
  created_time: 'createdTime',
  queue_insertion_time: 'queueInsertionTime',
  status: 'statusCode',
  runner_status: 'runnerStatusCode',
  duration: 'duration',
  error_msg: 'errorMsg',
} as const;

function taskRow(task: Readonly<Record<string, unknown>>): SystemRow {
  const cell = (value: unknown): Value => (isJsonObject(value) ? null : (value as Value));
  return Object.fromEntries(
    Object.entries(TASK_FIELDS).map(([column, field]) => [column, cell(task[field])]),
  );
}

async function ingestRows(pushes: Pushes): Promise<SystemRow[]> {
  const [tables, { position }] = await Promise.all([pushes.tables(), pushes.stats()]);
  return tables.map((table) => ingestRow(table, position));
}

const ingestRow = (table: TableStatus, position: number): SystemRow => ({
  datasource: table.table,
  version: table.version,
  received: table.received,
  stored: table.stored,
  late: table.late,
  rejected: table.rejected,
  deduplicated: table.deduplicated,
  dead_letters: table.letters,
  buffered_rows: table.bufferedRows,
  buffered_bytes: table.bufferedBytes,
  rows_per_second: table.rowsPerSecond,
  watermark: table.watermark,
  freshness_ms: table.freshnessMs,
  published_position: table.publishedPosition,
  position,
});
