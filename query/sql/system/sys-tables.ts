import type { ScalarType } from '../../../model/index.js';

/** Columns by name and type; `S` is STRING, `L` is LONG (flags are 0 and 1), `D` is DOUBLE. */
const columns = (text: string): readonly { name: string; type: ScalarType }[] =>
  text
    .trim()
    .split(/\s+/)
    .map((part) => {
      const [name, letter] = part.split(':') as [string, string];
      return { name, type: letter === 'L' ? 'LONG' : letter === 'D' ? 'DOUBLE' : 'STRING' };
    });

/** The tables of schema `sys` and their columns, as Druid has them; `ingest` (push tables) and `queries` (those that run) are our own. */
export const SYS_TABLES = {
  segments:
    columns(`segment_id datasource start end size:L version partition_num:L num_replicas:L num_rows:L
    is_active:L is_published:L is_available:L is_realtime:L is_overshadowed:L shard_spec dimensions metrics
    last_compaction_state replication_factor:L`),
  servers:
    columns(`server host plaintext_port:L tls_port:L server_type tier current_size:L max_size:L
    is_leader:L start_time`),
  server_segments: columns('server segment_id'),
  tasks:
    columns(`task_id group_id type datasource created_time queue_insertion_time status runner_status
    duration:L location host plaintext_port:L tls_port:L error_msg`),
  supervisors: columns(
    `supervisor_id datasource state detailed_state healthy:L type source suspended:L spec`,
  ),
  ingest:
    columns(`datasource version:L received:L stored:L late:L rejected:L deduplicated:L dead_letters:L
    buffered_rows:L buffered_bytes:L rows_per_second:D watermark freshness_ms:L published_position:L
    position:L`),
  queries:
    columns(`query_id sql_query_id type datasource state phase started elapsed_ms:L queued_ms:L
    rows_scanned:L missing_segments:L priority:L lane`),
} as const;

export type SysTableName = keyof typeof SYS_TABLES;

export const isSysTable = (name: string): name is SysTableName => Object.hasOwn(SYS_TABLES, name);
