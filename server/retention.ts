import {
  applyRules,
  killOutdated,
  type MetadataStore,
  type RetentionRules,
  type SegmentInventory,
} from '../cluster/index.js';
import type { Logger } from '../core/index.js';
import type { Config } from './config.js';
import type { Duty } from './duties.js';

/** What is done about segments that are old, or not needed any more. */
export function dutiesOf(
  store: MetadataStore,
  inventory: SegmentInventory,
  rules: RetentionRules,
  config: Config,
  logger: Logger,
): Duty[] {
  const { killReplacedAfter: replacedMs, killDroppedAfter: droppedMs } = config.duties;
  const tell = (what: string, counts: ReadonlyMap<string, number>) => {
    for (const [table, count] of counts) logger.info({ table, count }, what);
  };
  return [
    {
      name: 'retention',
      run: async (nowMs) =>
        tell('segments were dropped by a rule', await applyRules(inventory, rules, nowMs)),
    },
    {
      name: 'kill',
      run: async (nowMs) => {
        const periods = { replacedMs, droppedMs };
        tell('segments were removed', await killOutdated(inventory, store, periods, nowMs));
      },
    },
  ];
}
