import type { Interval } from '../../model/index.js';
import type {
  AuditEntry,
  AuditInfo,
  HistoryRange,
  SettingsTable,
} from '../metadata/settings-table.js';
import { KEEP_ALL, parseRules, type Rule, ruleFor } from './rule.js';

/** The name under which the rules stand that follow those of every table. */
export const DEFAULT_RULES = '_default';

/** The rules of all tables, as operators have set them. */
export class RetentionRules {
  constructor(private readonly settings: SettingsTable) {}

  /** What is set, by table, with `_default`, which is always there. */
  async all(): Promise<Map<string, readonly Rule[]>> {
    const stored = await this.settings.all('rules');
    const rules = [...stored].map(([name, json]) => [name, parseRules(json, name)] as const);
    return new Map<string, readonly Rule[]>([[DEFAULT_RULES, KEEP_ALL], ...rules]);
  }

  /** A table's own. */
  async of(table: string): Promise<readonly Rule[]> {
    return (await this.all()).get(table) ?? [];
  }

  /** A table's own, then the default ones: the order in which they are asked. */
  async inForce(table: string): Promise<readonly Rule[]> {
    const all = await this.all();
    return [...(all.get(table) ?? []), ...(all.get(DEFAULT_RULES) ?? [])];
  }

  /** Whether a segment of this interval is loaded anywhere: where no rule says so, it is not. */
  async loads(table: string, interval: Interval, nowMs: number): Promise<boolean> {
    const replicas = ruleFor(await this.inForce(table), interval, nowMs)?.replicas ?? new Map();
    return replicas === 'everywhere' || [...replicas.values()].some((count) => count > 0);
  }

  /** Replaces a table's own rules, or the default ones; none: as if they had never been set. Throws UserError. */
  set(table: string, json: unknown, who: AuditInfo): Promise<void> {
    const rules = parseRules(json, 'rules').map((rule) => rule.json);
    return this.settings.set('rules', table, rules.length === 0 ? null : rules, who);
  }

  /** Changes of a table's rules, or of all (null). */
  history(table: string | null, range: HistoryRange): Promise<AuditEntry[]> {
    return this.settings.history('rules', table, range);
  }
}
