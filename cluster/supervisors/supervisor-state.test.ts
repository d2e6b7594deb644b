import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskRecord } from '../../ingest/index.js';
import { parseSupervisor } from './registry.js';
import { supervisorState } from './supervisor-state.js';

const supervisor = (suspended = false) =>
  parseSupervisor({ type: 'autocompact', spec: { dataSource: 't' }, suspended });

const task = (status: TaskRecord['status'], changes: Partial<TaskRecord> = {}): TaskRecord => ({
  id: 'coordinator-issued_compact_t_abcdefgh_2024-01-01T00:00:00.000Z',
  type: 'compact',
  dataSource: 't',
  status,
  createdMs: 0,
  durationMs: 0,
  errorMsg: null,
  ...changes,
});

test('three of its tasks that fail one after the other make it unhealthy', () => {
  const states = fc.array(fc.constantFrom('RUNNING', 'SUCCESS', 'FAILED'), { maxLength: 8 });
  fc.assert(
    fc.property(states, fc.boolean(), (statuses, isSuspended) => {
      const ended = statuses.filter((status) => status !== 'RUNNING');
      const fails = ended.slice(0, 3).join() === 'FAILED,FAILED,FAILED';
      const tasks = statuses.map((status, i) => task(status, { errorMsg: `${i}` }));
      const found = supervisorState(supervisor(isSuspended), tasks);
      expect(found.isHealthy).toBe(isSuspended || !fails);
      expect(found.state).toBe(isSuspended ? 'SUSPENDED' : fails ? 'UNHEALTHY_TASKS' : 'RUNNING');
      const failed = tasks.filter(({ status }) => status === 'FAILED');
      expect(found.failed).toEqual(failed.slice(0, 3));
    }),
  );
});

test('tasks of others say nothing of it', () => {
  const others = [
    task('FAILED', { dataSource: 'u' }),
    task('FAILED', { id: 'compact_t_abcdefgh_2024-01-01T00:00:00.000Z' }),
  ];
  const tasks = [...others, ...others, task('FAILED'), ...others, task('FAILED')];
  expect(supervisorState(supervisor(), tasks)).toEqual({
    state: 'RUNNING',
    isHealthy: true,
    failed: [task('FAILED'), task('FAILED')],
  });
});
