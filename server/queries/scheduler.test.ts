import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CancelledError, CapacityError } from '../../core/index.js';
import { type Claim, QueryScheduler, type SchedulerOptions, type Slot } from './scheduler.js';

/** Timers that go when the test says so. */
class ManualTimers {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  readonly after = (ms: number, run: () => void) => {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  advance(ms: number): void {
    this.#nowMs += ms;
    const isDue = ({ atMs }: { atMs: number }) => atMs <= this.#nowMs;
    for (let due = this.#timers.find(isDue); due; due = this.#timers.find(isDue)) {
      const { run } = due;
      this.#timers = this.#timers.filter((timer) => timer.run !== run);
      run();
    }
  }

  nowMs(): number {
    return this.#nowMs;
  }

  get count(): number {
    return this.#timers.length;
  }
}

type Settings = Omit<SchedulerOptions, 'after' | 'clock'>;

/** The scheduler, and what became of each query that entered it. */
class Trial {
  readonly timers = new ManualTimers();
  readonly scheduler: QueryScheduler;
  readonly #slots = new Map<number, Slot>();
  readonly #controllers: AbortController[] = [];
  readonly outcomes = new Map<number, string>();

  constructor(settings: Settings) {
    this.scheduler = new QueryScheduler({
      ...settings,
      after: this.timers.after,
      clock: this.timers,
    });
  }

  enter(claim: Claim): void {
    const id = this.#controllers.length;
    const controller = new AbortController();
    this.#controllers.push(controller);
    this.outcomes.set(id, 'waiting');
    this.scheduler.enter(claim, controller.signal).then(
      (slot) => {
        this.#slots.set(id, slot);
        this.outcomes.set(id, 'running');
      },
      (error: unknown) =>
        this.outcomes.set(id, error instanceof CapacityError ? 'refused' : 'cancelled'),
    );
  }

  /** Twice: the second time has no effect. */
  release(id: number): void {
    this.#slots.get(id)?.release();
    this.#slots.get(id)?.release();
    this.outcomes.set(id, 'done');
  }

  cancel(id: number): void {
    this.#controllers[id]!.abort(new CancelledError('cancelled'));
  }

  ids(outcome: string): number[] {
    return [...this.outcomes].flatMap(([id, each]) => (each === outcome ? id : []));
  }

  settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

interface ModelQuery extends Claim {
  readonly id: number;
  readonly untilMs: number;
  state: string;
}

/** The same, as plain as can be: after every step it looks at all queries there are. */
class Model {
  nowMs = 0;
  readonly all: ModelQuery[] = [];
  /** When queries ended, since somebody has been waiting. */
  #ends: number[] = [];

  constructor(private readonly settings: Settings) {}

  in(state: string): ModelQuery[] {
    return this.all.filter((each) => each.state === state);
  }

  enter(claim: Claim): void {
    const untilMs = this.nowMs + this.settings.maxWaitMs;
    const query = { ...claim, id: this.all.length, untilMs, state: 'waiting' };
    const queued = this.in('waiting').filter(({ lane }) => lane === claim.lane).length;
    this.all.push(query);
    this.#fill();
    const { maxWaiting, maxRunning, maxWaitMs } = this.settings;
    const places = Math.ceil((maxWaiting * this.limitOf(claim.lane)) / maxRunning);
    if (query.state === 'waiting' && queued >= places) query.state = 'refused';
    const isAhead = (other: ModelQuery) =>
      other.lane === claim.lane && other.priority >= claim.priority;
    const place = this.in('waiting').filter(isAhead).length;
    if (query.state === 'waiting' && this.#ends.length >= 4) {
      const paceMs = (this.nowMs - this.#ends[0]!) / (this.#ends.length - 1);
      if (place * paceMs > maxWaitMs / 2) query.state = 'refused';
    }
  }

  end(id: number, state: string): void {
    this.all[id]!.state = state;
    if (state === 'done' && this.in('waiting').length > 0) this.#ends.push(this.nowMs);
    this.#ends = this.#ends.slice(-32);
    this.#fill();
    this.#forget();
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const each of this.in('waiting')) if (each.untilMs <= this.nowMs) each.state = 'refused';
    this.#forget();
  }

  limitOf(lane: string | null): number {
    const own = this.settings.laneLimits.get(lane ?? '') ?? Number.POSITIVE_INFINITY;
    return Math.min(own, this.settings.maxRunning);
  }

  #forget(): void {
    if (this.in('waiting').length === 0) this.#ends = [];
  }

  #fill(): void {
    const inOrder = this.in('waiting').sort((a, b) => b.priority - a.priority || a.id - b.id);
    for (const query of inOrder) {
      const running = this.in('running');
      const ofLane = running.filter(({ lane }) => lane === query.lane);
      if (running.length >= this.settings.maxRunning) return;
      if (ofLane.length < this.limitOf(query.lane)) query.state = 'running';
    }
  }
}

const LANES = ['a', 'b', null];
const settings = fc.record({
  maxRunning: fc.integer({ min: 1, max: 4 }),
  laneLimits: fc
    .record({ a: fc.integer({ min: 1, max: 5 }), b: fc.integer({ min: 1, max: 2 }) })
    .map((limits) => new Map(Object.entries(limits))),
  maxWaiting: fc.nat(9),
  maxWaitMs: fc.constantFrom(1, 100),
});
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      priority: fc.integer({ min: -1, max: 1 }),
      lane: fc.constantFrom(...LANES),
    }),
  },
  fc.record({ do: fc.constantFrom('release' as const, 'cancel' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 60) }),
);

test('after any steps it has let run, kept waiting and refused what a plain model has', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.array(step, { maxLength: 80 }), async (given, steps) => {
      const trial = new Trial(given);
      const model = new Model(given);
      for (const each of steps) {
        if (each.do === 'enter') {
          trial.enter(each);
          model.enter(each);
        } else if (each.do === 'advance') {
          trial.timers.advance(each.ms);
          model.advance(each.ms);
        } else {
          const [from, to] = each.do === 'release' ? ['running', 'done'] : ['waiting', 'cancelled'];
          const candidates = trial.ids(from!);
          const id = candidates[each.which % Math.max(1, candidates.length)];
          if (id === undefined) continue;
          if (each.do === 'release') trial.release(id);
          else trial.cancel(id);
          model.end(id, to!);
        }
        await trial.settled();
        expect([...trial.outcomes.values()]).toEqual(model.all.map(({ state }) => state));
        expect(trial.ids('running').length).toBeLessThanOrEqual(given.maxRunning);
        for (const lane of LANES) {
          const running = model.in('running').filter((query) => query.lane === lane);
          expect(trial.scheduler.runningOf(lane)).toBe(running.length);
          expect(running.length).toBeLessThanOrEqual(model.limitOf(lane));
        }
        expect(trial.scheduler.waitingCount).toBe(model.in('waiting').length);
        // Nobody who does not wait is woken.
        expect(trial.timers.count).toBe(model.in('waiting').length);
      }
      const refused = [...trial.scheduler.refused.values()].reduce((sum, count) => sum + count, 0);
      expect(refused).toBe(trial.ids('refused').length);
    }),
    { numRuns: 300 },
  );
});

const PLAIN: Settings = { maxRunning: 1, laneLimits: new Map(), maxWaiting: 2, maxWaitMs: 10 };

test('whoever is refused whatever it claims is refused before it claims anything', async () => {
  const trial = new Trial({ ...PLAIN, laneLimits: new Map([['a', 1]]) });
  const { scheduler } = trial;
  const none = { priority: 0, lane: null };
  for (let i = 0; i < 3; i++) {
    scheduler.checkRoom();
    trial.enter(none);
  }
  // The lane has places of its own.
  scheduler.checkRoom();
  trial.enter({ priority: 0, lane: 'a' });
  trial.enter({ priority: 0, lane: 'a' });
  expect(() => scheduler.checkRoom()).toThrow(/total query capacity of 1 exceeded/);
  trial.enter({ priority: 9, lane: 'a' });
  await trial.settled();
  expect(trial.ids('refused')).toEqual([5]);
  expect(scheduler.refused).toEqual(
    new Map([
      [null, 1],
      ['a', 1],
    ]),
  );
});

test('a query of a lane that is full says so, and others run', async () => {
  const trial = new Trial({
    ...PLAIN,
    maxRunning: 4,
    maxWaiting: 0,
    laneLimits: new Map([['a', 1]]),
  });
  const enter = (lane: string | null) =>
    trial.scheduler.enter({ priority: 0, lane }, new AbortController().signal);
  await enter('a');
  await expect(enter('a')).rejects.toThrow("query capacity of 1 exceeded for lane 'a'");
  await expect(enter('a')).rejects.toMatchObject({ retryAfterMs: 1000 });
  await enter(null);
  await enter(null);
  await enter('nobody knows it');
  await expect(enter(null)).rejects.toThrow('total query capacity of 4 exceeded');
});

test('a wait that would be too long is refused at once, as far as the pace of others tells', async () => {
  const trial = new Trial({ ...PLAIN, maxWaiting: 99, maxWaitMs: 200 });
  const claim = { priority: 0, lane: null };
  for (let i = 0; i < 9; i++) trial.enter(claim);
  await trial.settled();
  for (let i = 0; i < 4; i++) {
    trial.timers.advance(20);
    trial.release(i);
    await trial.settled();
  }
  // Four wait, one ends every 20 ms: a fifth waits 100 ms, half of the longest wait, a sixth longer, but for one that goes first.
  trial.enter(claim);
  trial.enter(claim);
  trial.enter({ priority: 1, lane: null });
  await trial.settled();
  expect(trial.ids('refused')).toEqual([10]);
  expect(trial.ids('waiting')).toEqual([5, 6, 7, 8, 9, 11]);
});

test('one that was cancelled before takes no place', async () => {
  const { scheduler } = new Trial(PLAIN);
  const claim = { priority: 0, lane: null };
  await expect(scheduler.enter(claim, AbortSignal.abort('gone'))).rejects.toBe('gone');
  expect(scheduler.runningCount).toBe(0);
});
