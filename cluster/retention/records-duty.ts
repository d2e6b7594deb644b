import type { MetadataStore } from '../metadata/metadata-store.js';

/** How long what happened is remembered, in milliseconds; null: for ever. */
export interface RecordPeriods {
  /** Tasks, with their reports, from their end on. */
  readonly tasksMs: number | null;
  /** Changes of settings. What is set stays. */
  readonly changesMs: number | null;
}

/** Removes what is older from the metadata. Gives how many records went, by kind. */
export async function forgetRecords(
  { tasks, settings }: Pick<MetadataStore, 'tasks' | 'settings'>,
  { tasksMs, changesMs }: RecordPeriods,
  nowMs: number,
): Promise<Map<string, number>> {
  const counts = new Map([
    ['tasks', tasksMs === null ? 0 : await tasks.removeEnded(nowMs - tasksMs)],
    ['changes', changesMs === null ? 0 : await settings.forgetChanges(nowMs - changesMs)],
  ]);
  return new Map([...counts].filter(([, count]) => count > 0));
}
