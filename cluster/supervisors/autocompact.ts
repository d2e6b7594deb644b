import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { readFields, readObject } from '../../ingest/index.js';
import { isCompactionOf } from '../compaction/auto-compaction.js';
import { type CompactionConfig, parseCompactionConfig } from '../compaction/compaction-config.js';
import type { CompactionSettings } from '../compaction/compaction-settings.js';
import type { Supervisor } from './supervisor.js';
import type { Supervisors } from './supervisors.js';

const TYPE = 'autocompact';

/** The id of a table's compaction supervisor. */
export const compactionSupervisorId = (table: string): string => `autocompact__${table}`;

const Fields = z.object({
  spec: z.unknown(),
  suspended: z.boolean({ error: 'want true or false' }).nullish(),
});

/** Druid's compaction supervisor: a table's automatic compaction, which can be suspended and asked how it fares. */
export function readAutocompact(json: JsonObject): Supervisor {
  const { spec, suspended } = readFields(Fields, json, '');
  const config = parseCompactionConfig(readObject(spec, 'spec'));
  const { dataSource } = config;
  const isSuspended = suspended ?? false;
  return {
    id: compactionSupervisorId(dataSource),
    type: TYPE,
    dataSource,
    source: '',
    isSuspended,
    json: { type: TYPE, spec: config.json, suspended: isSuspended },
    owns: isCompactionOf(dataSource),
  };
}

/** How the table of a compaction supervisor is compacted. */
export const compactionConfigOf = ({ json }: Supervisor): CompactionConfig =>
  parseCompactionConfig(json.spec);

/**
 * How tables are compacted by themselves, in the order of their names: as a table's supervisor says, not at all while that is suspended,
 * and as the coordinator's configuration says where there is no supervisor.
 */
export async function compactionConfigs(
  settings: CompactionSettings,
  supervisors: Supervisors,
): Promise<CompactionConfig[]> {
  const supervised = (await supervisors.all()).filter(({ type }) => type === TYPE);
  const tables = new Set(supervised.map(({ dataSource }) => dataSource));
  const others = (await settings.all()).filter(({ dataSource }) => !tables.has(dataSource));
  const running = supervised.filter(({ isSuspended }) => !isSuspended).map(compactionConfigOf);
  return [...running, ...others].sort((a, b) => (a.dataSource < b.dataSource ? -1 : 1));
}
