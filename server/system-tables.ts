import {
  columnNames,
  type LiveSegment,
  type StoredSegment,
  type Supervisors,
  type TableInventory,
} from '../cluster/index.js';
import { type JsonObject, stringifyJson } from '../core/index.js';
import type { TaskManager } from '../ingest/index.js';
import { formatInstant, type Value } from '../model/index.js';
import type { SystemRow, SystemTables } from '../query/index.js';
import type { SegmentId } from '../segments/index.js';
import type { Config } from './config.js';
import type { Pushes, TableStatus } from './push/pushes.js';
import type { AskedQueries } from './queries/asked-queries.js';
import { type AskedQuery, SQL_TYPE } from './queries/asked-query.js';

/** A process in one of its roles. */
export interface ServingNode {
  /** `host:port` */
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** As Druid calls it. */
  readonly type: string;
  readonly tier: string | null;
  readonly currentBytes: number;
  readonly maxBytes: number;
  /** Null where nobody leads. */
  readonly isLeader: boolean | null;
}

/** Who serves what, where that is not one process alone. */
export interface Serving {
  servers(): readonly ServingNode[];
  /** The servers, by name, that have the file of a segment. */
  holders(segment: StoredSegment): readonly string[];
  /** The server, by name, that has rows which are not published; null when it is lost. */
  liveHolder(live: LiveSegment): string | null;
  /** How many replicas the rules want, by tier. */
  wanted(): Promise<(segment: StoredSegment) => ReadonlyMap<string, number>>;
}

/** What the rows of schema `sys` tell of. */
export interface SystemTableParts {
  readonly inventory: TableInventory;
  readonly tasks: TaskManager;
  readonly pushes: Pushes;
  readonly queries: Pick<AskedQueries, 'all'>;
  readonly supervisors: Supervisors;
  readonly config: Config;
  /** Absent: this process is all that there is. */
  readonly serving?: Serving;
}

/** The rows of schema `sys`: what this process knows of segments, servers, tasks, supervisors and push tables. */
export function systemTables(parts: SystemTableParts): SystemTables {
  const { inventory, tasks, pushes, queries, supervisors, config } = parts;
  const { serving = alone(inventory, config) } = parts;
  const rows = {
    segments: async () => [
      ...(await publishedRows(inventory, serving)),
      ...inventory.liveSegments().map(liveRow),
    ],
    servers: () => serving.servers().map(serverRow),
    server_segments: () => [
      ...published(inventory).flatMap((segment) =>
        serving.holders(segment).map((server) => ({ server, segment_id: segment.idText })),
      ),
      ...inventory.liveSegments().flatMap((live) => {
        const server = serving.liveHolder(live);
        return server === null ? [] : [{ server, segment_id: live.idText }];
      }),
    ],
    tasks: async () => (await tasks.list()).map(taskRow),
    supervisors: () => supervisorRows(supervisors),
    ingest: () => ingestRows(pushes),
    queries: () => queries.all().map(queryRow),
  };
  return { rows: (table) => rows[table]() };
}

/** All that counts, tombstones included. */
const published = (inventory: TableInventory): StoredSegment[] =>
  inventory.dataSources().flatMap((name) => inventory.placed(name));

async function publishedRows(inventory: TableInventory, serving: Serving): Promise<SystemRow[]> {
  const unreadable = new Set(inventory.unreadable());
  const wanted = await serving.wanted();
  return published(inventory).map((segment) => {
    const replicas = serving.holders(segment).length;
    // Nobody holds what has no rows, and nothing of it is missing.
    const isServed = segment.isTombstone || replicas > 0;
    return {
      ...segmentCells(segment),
      num_replicas: replicas,
      is_available: isServed && !unreadable.has(segment) ? 1 : 0,
      replication_factor: [...wanted(segment).values()].reduce((sum, count) => sum + count, 0),
    };
  });
}

/** A server that has all that there is. */
function alone(inventory: TableInventory, config: Config): Serving {
  const { host, port } = config;
  const server = `${host}:${port}`;
  const one = new Map([['_default_tier', 1]]);
  return {
    servers: () => [
      {
        server,
        host,
        port,
        type: 'historical',
        tier: '_default_tier',
        currentBytes: published(inventory).reduce(
          (bytes, { sealed }) => bytes + sealed.sizeBytes,
          0,
        ),
        maxBytes: config.memory.segmentBytes,
        isLeader: true,
      },
    ],
    holders: () => [server],
    liveHolder: () => server,
    wanted: async () => () => one,
  };
}

const segmentCells = ({ id, idText, shardSpec, sealed, compactionState }: StoredSegment) => ({
  ...placeCells(id, idText),
  size: sealed.sizeBytes,
  num_rows: sealed.rowCount,
  is_published: 1,
  is_realtime: 0,
  shard_spec: stringifyJson(shardSpec),
  ...columnCells(sealed),
  last_compaction_state: compactionState,
});

/** Rows that were pushed and are not published yet. */
function liveRow(live: LiveSegment): SystemRow {
  return {
    ...placeCells(live.id, live.idText),
    num_replicas: 1,
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
  is_active: 1,
  // What newer segments hide counts no more, and is not listed.
  is_overshadowed: 0,
});

const columnCells = (segment: Parameters<typeof columnNames>[0]): SystemRow => ({
  dimensions: stringifyJson(columnNames(segment, 'dimension')),
  metrics: stringifyJson(columnNames(segment, 'metric')),
});

const serverRow = (of: ServingNode): SystemRow => ({
  server: of.server,
  host: of.host,
  plaintext_port: of.port,
  tls_port: -1,
  server_type: of.type,
  tier: of.tier,
  current_size: of.currentBytes,
  max_size: of.maxBytes,
  is_leader: of.isLeader === null ? null : Number(of.isLeader),
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

function taskRow(task: JsonObject): SystemRow {
  const cells = Object.entries(TASK_FIELDS).map(([column, field]) => [
    column,
    task[field] as Value,
  ]);
  const { host = null, port = -1, tlsPort = -1 } = Object(task.location) as TaskLocation;
  return {
    ...Object.fromEntries(cells),
    location: host === null ? null : `${host}:${port}`,
    host,
    plaintext_port: port,
    tls_port: tlsPort,
  };
}

async function supervisorRows(supervisors: Supervisors): Promise<SystemRow[]> {
  const all = await supervisors.all();
  const states = await supervisors.states(all);
  return all.map(({ id, type, dataSource, source, isSuspended, json }, i) => ({
    supervisor_id: id,
    datasource: dataSource,
    state: states[i]!.state,
    detailed_state: states[i]!.state,
    healthy: Number(states[i]!.isHealthy),
    type,
    source,
    suspended: Number(isSuspended),
    spec: stringifyJson(json),
  }));
}

function queryRow(query: AskedQuery): SystemRow {
  const { phase, times, tables, question } = query;
  const { id, type, priority, lane } = question;
  return {
    query_id: id,
    sql_query_id: type === SQL_TYPE ? id : null,
    type,
    datasource: tables.length === 0 ? null : tables.join(),
    state: phase === 'queue' ? 'queued' : 'running',
    phase,
    started: formatInstant(query.askedAtMs),
    elapsed_ms: Math.round(times.total),
    queued_ms: Math.round(times.queue),
    rows_scanned: query.sum('rowsScanned'),
    missing_segments: query.missingSegments,
    priority,
    lane,
  };
}

interface TaskLocation {
  readonly host?: string | null;
  readonly port?: number;
  readonly tlsPort?: number;
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
