/**
 * cluster: which segments exist, which are visible, who holds them. The metadata store is the only
 * source of truth (`metadata/`); the inventory serves what it says (`inventory/`). Nodes call each other by
 * `transport/`, and know of each other by `membership/`. Rows that are not published are on several of them by `standbys/`. Segment files lie in deep storage (`storage/`), and in the
 * shelves of historicals (`historical/`).
 */

export { BrokerTables } from './broker/broker-tables.js';
export { ClusterInventory } from './broker/cluster-inventory.js';
export { GatherCounts, type NodeCounts } from './broker/gather-counts.js';
export { Scatter } from './broker/scatter.js';
export { ServedNodes } from './broker/served-nodes.js';
export { AutoCompaction, type CompactionState } from './compaction/auto-compaction.js';
export type { CompactionConfig } from './compaction/compaction-config.js';
export {
  type CompactionChange,
  CompactionSettings,
  type CompactionSlots,
} from './compaction/compaction-settings.js';
export type { Order } from './coordinator/cluster-state.js';
export { type CoordinatorDuty, CoordinatorLoop } from './coordinator/coordinator-loop.js';
export { CoordinatorSettings } from './coordinator/coordinator-settings.js';
export { HistoricalLink } from './coordinator/historical-link.js';
export { RoundRecord } from './coordinator/round-record.js';
export { replicasByTier, wishFor } from './coordinator/wanted-replicas.js';
export { historicalMethods } from './historical/historical-methods.js';
export { HistoricalNode } from './historical/historical-node.js';
export { ShelfParts } from './historical/shelf-parts.js';
export type { LiveSegment } from './inventory/live-part.js';
export { type DataLayout, dataLayout, removeLeftOvers } from './inventory/recovery.js';
export { type InventoryOptions, SegmentInventory } from './inventory/segment-inventory.js';
export type { ServedSegment } from './inventory/served-segment.js';
export type { TableInventory } from './inventory/table-inventory.js';
export { Announcer, announcementsMethod } from './membership/announcer.js';
export { ClusterNodes } from './membership/cluster-nodes.js';
export { Follower } from './membership/follower.js';
export { Membership } from './membership/membership.js';
export { NODE_NAME, type NodeRecord } from './membership/node-record.js';
export { silenceOf } from './membership/node-silence.js';
export type { ChangeFeed, MetadataChanges, SourceState } from './metadata/change-feed.js';
export { chunkIntervalsOf } from './metadata/chunk-intervals.js';
export type { DatabaseCounts } from './metadata/database-counts.js';
export { LeaderLease } from './metadata/leader-lease.js';
export type { HeldLease, Lease, LeaseTable } from './metadata/lease-table.js';
export {
  type MetadataPlace,
  MetadataStore,
  type SqlitePlace,
} from './metadata/metadata-store.js';
export type { StoreMeans } from './metadata/patience.js';
export type { PostgresPlace } from './metadata/postgres-pool.js';
export type { PushLogCatalog } from './metadata/push-log.js';
export type { LogHold, PushLogs } from './metadata/push-logs.js';
export type { LogState, PushOwner, PushTables } from './metadata/push-tables.js';
export { ALL_SEGMENTS, type SegmentSelection } from './metadata/segment-selection.js';
export type {
  AuditEntry,
  AuditInfo,
  HistoryRange,
  SettingsTable,
} from './metadata/settings-table.js';
export { copySqlite } from './metadata/sqlite-database.js';
export { columnNames, type StoredSegment } from './metadata/stored-segment.js';
export { migrateInto } from './migration/migrate.js';
export { type MigrationPlan, type PushNode, planMigration } from './migration/migration-plan.js';
export { readingBatchRunner } from './reading/reading-runner.js';
export { TableFiles } from './reading/table-files.js';
export { BatchSlots } from './realtime/batch-slots.js';
export { type HandoffHostOptions, handoffHost } from './realtime/handoff-host.js';
export { OwnedTables } from './realtime/owned-tables.js';
export { pushMethods } from './realtime/push-methods.js';
export { PushRouter } from './realtime/push-router.js';
export { type PutSegment, putSegments } from './realtime/put-segments.js';
export { RealtimeTables } from './realtime/realtime-tables.js';
export { remoteBatchRunner } from './realtime/remote-batch-runner.js';
export { runBatchMethod } from './realtime/run-batch.js';
export { TableOwners } from './realtime/table-owners.js';
export { killOutdated } from './retention/kill-duty.js';
export { forgetRecords } from './retention/records-duty.js';
export { applyRules } from './retention/retention-duty.js';
export { RetentionRules } from './retention/retention-rules.js';
export type { Rule } from './retention/rule.js';
export { type ToldTable, toldTableCodec } from './serving/live-table.js';
export { type PartSource, shareMethods } from './serving/share-methods.js';
export { claimLog } from './standbys/claim-log.js';
export { copyMethods } from './standbys/copy-methods.js';
export { KeptLogs } from './standbys/kept-logs.js';
export { LogStandbys } from './standbys/log-standbys.js';
export { publishLog } from './standbys/publish-log.js';
export { StandbyDuty } from './standbys/standby-duty.js';
export { deepStorageConfig, openDeepStorage } from './storage/deep-storage-config.js';
export type { ObjectStore } from './storage/object-store.js';
export { OrphanDuty, writerProcess } from './storage/orphans.js';
export { PackingThreads } from './storage/packing.js';
export { secretPlace, secretText } from './storage/secret-place.js';
export { SegmentTransfer } from './storage/segment-transfer.js';
export { SegmentWriter } from './storage/segment-writer.js';
export {
  compactionConfigOf,
  compactionConfigs,
  compactionSupervisorId,
} from './supervisors/autocompact.js';
export type { Supervisor } from './supervisors/supervisor.js';
export type { SupervisorState } from './supervisors/supervisor-state.js';
export { Supervisors, type SupervisorVersion } from './supervisors/supervisors.js';
export { HttpCarrier } from './transport/http-carrier.js';
export { httpHandler } from './transport/http-handler.js';
export { NodeClient } from './transport/node-client.js';
export { NodeMethods } from './transport/node-methods.js';
export { checkSecret } from './transport/secret.js';
export {
  type NodeIdentity,
  type NodeMethod,
  type NodeRole,
  PROTOCOL,
} from './transport/types.js';
