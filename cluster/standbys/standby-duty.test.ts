import { expect, test } from 'vitest';
import { FencedError, ManualClock, silentLogger, UnavailableError } from '../../core/index.js';
import type { PushLogState } from '../metadata/push-logs.js';
import { StandbyDuty } from './standby-duty.js';

const HOLD = { log: 'r1', node: 'r1', epoch: 4 };
const OWN: PushLogState = { log: 'r1', logId: 'x', holder: 'r1', epoch: 4, standbys: [] };

function world(wanted = 1) {
  const nodes = new Set(['r1', 'r2', 'r3']);
  const clock = new ManualClock(0);
  const asked: string[] = [];
  const refusing = new Map<string, Error>();
  let names: string[] = [];
  let state: Partial<PushLogState> = {};
  const duty = new StandbyDuty({
    hold: HOLD,
    logs: { list: async () => [{ ...OWN, standbys: names, ...state }] },
    standbys: {
      get names() {
        return names;
      },
      async leaveBehind(gone) {
        names = names.filter((name) => !gone.includes(name));
      },
    },
    wanted,
    nodes: () => [...nodes],
    async add(node) {
      asked.push(node);
      const refusal = refusing.get(node);
      if (refusal !== undefined) throw refusal;
      names.push(node);
    },
    clock,
    logger: silentLogger,
  });
  const setState = (next: Partial<PushLogState>) => {
    state = next;
  };
  return { duty, nodes, clock, asked, refusing, setState, names: () => names };
}

test('there are as many as are wanted and live', async () => {
  const { duty, nodes, names } = world(2);
  for (let i = 0; i < 4; i++) await duty.round();
  expect(names()).toEqual(['r2', 'r3']);
  nodes.delete('r2');
  await duty.round();
  expect(names()).toEqual(['r3']);
  nodes.add('r4');
  await duty.round();
  expect(names()).toEqual(['r3', 'r4']);
});

test('none are asked where none are wanted', async () => {
  const { duty, asked } = world(0);
  await duty.round();
  expect(asked).toEqual([]);
});

test('who cannot be one is asked again after a while, others before', async () => {
  const { duty, clock, asked, refusing, nodes } = world();
  refusing.set('r2', new UnavailableError('no room')).set('r3', new UnavailableError('no room'));
  for (let i = 0; i < 4; i++) await duty.round();
  expect(asked).toEqual(['r2', 'r3']);
  clock.advance(10_000);
  nodes.delete('r2');
  refusing.clear();
  await duty.round();
  expect(asked).toEqual(['r2', 'r3', 'r3']);
});

test('one that the metadata do not name has to join again', async () => {
  const { duty, asked, setState, names } = world();
  await duty.round();
  setState({ standbys: [] });
  await duty.round();
  setState({});
  expect(asked).toEqual(['r2', 'r2']);
  expect(names()).toEqual(['r2']);
});

test.each<[string, Partial<PushLogState>]>([
  ['another node holds', { holder: 'r2', epoch: 5 }],
  ['a later process of its node holds', { epoch: 5 }],
  ['is spent', { holder: null }],
])('a log that %s is not looked after', async (_, state) => {
  const { duty, asked, setState } = world();
  setState(state);
  await expect(duty.round()).rejects.toThrow(FencedError);
  expect(asked).toEqual([]);
});

test('that another one holds the log is told also when it is seen while a node joins', async () => {
  const { duty, refusing } = world();
  refusing.set('r2', new FencedError('held by r2', 'r1'));
  await expect(duty.round()).rejects.toThrow(FencedError);
});
