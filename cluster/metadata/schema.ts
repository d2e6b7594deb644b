import type { Generated } from 'kysely';

/** The tables of the metadata store, as kysely sees them. Times are milliseconds since the epoch. */
export interface MetadataTables {
  segments: SegmentRow;
  data_sources: DataSourceRow;
  publishes: PublishRow;
  spent_partitions: SpentPartitionsRow;
  settings: SettingRow;
  audit: AuditRow;
  tasks: TaskRow;
  push_specs: PushSpecRow;
  push_positions: PushPositionRow;
  push_owners: PushOwnerRow;
  push_logs: PushLogRow;
  changes: ChangesRow;
  leases: LeaseRow;
  nodes: NodeRow;
  object_writes: ObjectWriteRow;
  write_tokens: WriteTokenRow;
  migrations: { id: number; applied_ms: number };
}

/** A published segment. Rows are never updated but for `used`; those that are unused may be removed. */
export interface SegmentRow {
  seq: Generated<number>;
  id: string;
  data_source: string;
  start_ms: number;
  end_ms: number;
  version: string;
  partition_num: number;
  /** Size of the core partition set, also in the shard spec; 0 when the chunk was made by appending. */
  partitions: number;
  /** 1 while the segment counts, 0 when overshadowed or dropped. */
  used: number;
  /** When `used` last changed; null: never since it was published. */
  used_changed_ms: number | null;
  /** 1 for one without rows and without a file. */
  tombstone: number;
  task_id: string;
  created_ms: number;
  /** JSON: see `stored-segment.ts`. */
  payload: string;
  /** JSON; null but for segments of compactions that were told to remember. */
  compaction_state: string | null;
  /** Of the copy in deep storage; null: there is none, or the payload alone says so. */
  object_key: string | null;
}

/** Partition numbers of a chunk of which segments were removed, so that none is given out again. */
export interface SpentPartitionsRow {
  data_source: string;
  start_ms: number;
  end_ms: number;
  version: string;
  next_partition: number;
}

/** What an operator has set: the rules of a table, its automatic compaction … */
export interface SettingRow {
  type: string;
  /** Of the table, or of what else it is about. */
  name: string;
  /** JSON. */
  payload: string;
}

/** That a setting was changed. */
export interface AuditRow {
  seq: Generated<number>;
  type: string;
  name: string;
  author: string;
  comment: string;
  ip: string;
  created_ms: number;
  /** JSON of the setting since; null: it was removed. */
  payload: string | null;
}

/** What has ever been allocated for a table, so that no segment id is used twice. */
export interface DataSourceRow {
  name: string;
  last_version_ms: number;
}

/** That a task has published, be it that it only dropped segments. */
export interface PublishRow {
  task_id: string;
  created_ms: number;
}

export interface TaskRow {
  id: string;
  data_source: string;
  type: string;
  status: 'RUNNING' | 'SUCCESS' | 'FAILED';
  created_ms: number;
  /** -1 until it has ended. */
  duration_ms: number;
  error_msg: string | null;
  /** The task's JSON as submitted, with its id. */
  payload: string;
  /** JSON of the report; null until there is one. */
  report: string | null;
  /** The node that runs it; null: none does, or it is this process. */
  node: string | null;
}

/** How much of one push log is published of a declared table; absent: the log has no rows of it that are not published. */
export interface PushPositionRow {
  name: string;
  log: string;
  position: number;
  /** The position before the last handoff; null before the first one. */
  previous_position: number | null;
}

/** The node that takes the rows of a declared table. */
export interface PushOwnerRow {
  name: string;
  /** Null: nobody does, for the one that did was given up. */
  node: string | null;
  /** Grows by one with every owner. */
  epoch: number;
  /** What the owner before it knew of the table; null: nothing is known. */
  state: Uint8Array | null;
}

/** Who has a push log of a cluster, and who has copies of it. */
export interface PushLogRow {
  /** The name of its node. */
  log: string;
  /** Of the log that the standbys have; null: nobody has copied it. */
  log_id: string | null;
  /** Null: all of it is published or given up, and it takes nothing more. */
  holder: string | null;
  epoch: number;
  /** JSON: a list of nodes that have all that was acknowledged. */
  standbys: string;
}

/** How often the segments, push positions or specs of a data source have changed. */
export interface ChangesRow {
  data_source: string;
  counter: number;
}

/** Who leads. */
export interface LeaseRow {
  name: string;
  /** Null: nobody does. */
  holder: string | null;
  /** Grows by one with every holder. */
  epoch: number;
  /** Grows while the holder lives. */
  beat: number;
}

/** A process of the cluster. */
export interface NodeRow {
  name: string;
  /** Of this process: another one of the same name has another. */
  incarnation: string;
  url: string;
  /** JSON: a list. */
  roles: string;
  tier: string;
  priority: number;
  capacity_bytes: number;
  task_slots: number;
  version: string;
  protocol: number;
  /** Grows while the process lives. */
  beat: number;
}

/** An object that is being written into deep storage, for a segment that is not published yet. */
export interface ObjectWriteRow {
  key: string;
  node: string;
  incarnation: string;
  /** Null: the node publishes it. */
  task_id: string | null;
}

/** That a transaction was committed, for who did not hear of it; see `postgres-database.ts`. */
export interface WriteTokenRow {
  token: string;
  /** `fence`: it was not, and never will be. */
  kind: 'write' | 'fence';
}

/** A version of a declared table's spec. Rows are never changed. */
export interface PushSpecRow {
  name: string;
  /** From 1, without gaps. */
  version: number;
  /** JSON. */
  spec: string;
  created_ms: number;
}
