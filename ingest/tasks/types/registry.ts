import { readerOfType, readObject } from '../../spec/fields.js';
import type { Task } from '../task.js';
import { readCompactTask } from './compact-task.js';
import { readIndexTask } from './index-task.js';
import { readKillTask } from './kill-task.js';

/** One line per type of task. */
const TYPES: ReadonlyMap<string, (json: unknown) => Task> = new Map([
  ['index_parallel', readIndexTask],
  ['index', readIndexTask],
  ['compact', readCompactTask],
  ['kill', readKillTask],
]);

/** Tasks of Druid that are not built yet. */
const NOT_BUILT: ReadonlySet<string> = new Set([
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

/** Reads a task. Throws one UserError of kind 'spec' that names everything that is wrong with it. */
export function parseTask(json: unknown): Task {
  return readerOfType('task', readObject(json, 'task'), '', TYPES, NOT_BUILT)(json);
}
