import type { Clock } from '../../core/index.js';
import { placed } from './allocation.js';
import { noteChange } from './changes.js';
import type { Db } from './database.js';
import { dropOf, restoreOf } from './marks.js';
import { insertTombstones, partitionNumbers, places, setUsed } from './segment-rows.js';
import { type SegmentSelection, selects } from './segment-selection.js';

/** The task of tombstones that no task has left. No task can have this name: a slash is not legal in one. */
const NO_TASK = 'drop/';

/**
 * Makes the selected segments of a table count no more, as a part of the caller's transaction; nothing
 * that they hid shows instead. Gives how many changed.
 */
export async function dropSegments(
  db: Db,
  clock: Clock,
  dataSource: string,
  selection: SegmentSelection,
): Promise<number> {
  const existing = await places(db, 'data_source', dataSource);
  const used = existing.filter((segment) => segment.used);
  const { unused, hiding } = dropOf(used, selects(selection));
  await setUsed(db, unused, false, clock.nowMs());
  const numbers = await partitionNumbers(db, dataSource, existing);
  // It belongs to no core set: it is there although all others of its chunk are gone.
  const tombstones = hiding.map((chunk) =>
    placed(dataSource, chunk, { type: 'tombstone' }, 0, numbers),
  );
  await insertTombstones(db, { taskId: NO_TASK, clock }, tombstones);
  if (unused.length + tombstones.length > 0) await noteChange(db, dataSource);
  return unused.length;
}

/**
 * Makes the selected segments of a table count again, but for those that others hide, as a part of the
 * caller's transaction. Gives how many changed.
 */
export async function restoreSegments(
  db: Db,
  clock: Clock,
  dataSource: string,
  selection: SegmentSelection,
): Promise<number> {
  const existing = await places(db, 'data_source', dataSource);
  const { used, unused } = restoreOf(existing, selects(selection));
  await setUsed(db, used, true, clock.nowMs());
  await setUsed(db, unused, false, clock.nowMs());
  if (used.length + unused.length > 0) await noteChange(db, dataSource);
  return used.length;
}
