import { UserError } from '../../core/index.js';
import { shown } from './fields.js';
import type { TaskSpec } from './task-spec.js';

const TYPES: readonly TaskSpec['type'][] = ['index_parallel', 'index'];

/** Tasks of Druid that are not built yet. */
const NOT_BUILT: ReadonlySet<string> = new Set([
  'compact',
  'kill',
  'archive',
  'restore',
  'move',
  'noop',
  'index_hadoop',
  'index_kafka',
  'index_kinesis',
  'index_realtime',
  'index_realtime_appenderator',
  'query_controller',
]);

/** The type of a task. Throws UserError that lists what there is. */
export function readTaskType(type: unknown): TaskSpec['type'] {
  const found = TYPES.find((known) => known === type);
  if (found !== undefined) return found;
  const known = TYPES.join(', ');
  const why =
    typeof type === 'string' && NOT_BUILT.has(type)
      ? `the task type '${type}' is not built yet; there are ${known}`
      : `want the type of the task, one of ${known}; got ${shown(type)}`;
  throw new UserError(`type: ${why}`, 'spec', 'type');
}
