import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonObject, stringifyJson } from '../../core/index.js';
import { expectSame } from '../../core/testing.js';
import type { Command, PushCommand, ReplayCommand } from './command.js';
import { parseTableSpec } from './spec/table-spec.js';
import { NO_ROWS } from './state/answer.js';
import { Dedup } from './state/dedup.js';
import { Watermark } from './state/watermark.js';
import { type Applied, TableState } from './table-state.js';
import { pushOf, replayOf } from './testing.js';
import type { LetterReason, RowCounts } from './types.js';

/** Every policy, small windows, columns that come while it runs. */
const BASE: JsonObject = {
  timestampSpec: { column: 'ts', format: 'millis' },
  dimensionsSpec: {
    dimensions: ['page', { type: 'long', name: 'n' }],
    includeAllDimensions: true,
    useSchemaDiscovery: true,
  },
  metricsSpec: [{ type: 'doubleSum', name: 'sum', fieldName: 'x' }],
};

const settings = (late: string, future: string, arrivalColumn: string | null): JsonObject => {
  return {
    ...BASE,
    time: {
      outOfOrderness: 5,
      idleTimeout: 20,
      allowedLateness: 3,
      late,
      maxFuture: 50,
      future,
      arrivalColumn,
    },
    limits: { maxRowBytes: 80 },
    dedup: { sequences: 3, producers: 2, keys: 2 },
  };
};

const VERSIONS = [
  settings('accept', 'reject', null),
  settings('reject', 'accept', 'came'),
  settings('deadLetter', 'deadLetter', 'came'),
];
const SPECS = VERSIONS.map((json) => parseTableSpec('t', json));

/** A row, and what becomes of it whatever its time; null: that depends on its time. */
interface Row {
  readonly json: object | string;
  readonly fate: LetterReason | null;
  readonly timeMs: number;
}

const time = fc.integer({ min: 0, max: 120 });
const row: fc.Arbitrary<Row> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ ts: time, page: fc.constantFrom('a', 'ü'), n: fc.constantFrom(1, '2', 3.5) })
      .map((json) => ({ json, fate: null, timeMs: json.ts })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ ts: time, found: fc.constantFrom<unknown>('x', true, ['a', 'b'], null) })
      .map((json) => ({ json, fate: null, timeMs: json.ts })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ ts: time, n: fc.constant('x') })
      .map((json) => ({ json, fate: 'type' as const, timeMs: json.ts })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ ts: time, x: fc.constant({}) })
      .map((json) => ({ json, fate: 'type' as const, timeMs: json.ts })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Row>(
      { json: '{"ts":', fate: 'malformed', timeMs: 0 },
      { json: { page: 'no time' }, fate: 'timestamp', timeMs: 0 },
      { json: { ts: 'soon' }, fate: 'timestamp', timeMs: 0 },
      { json: { ts: 1, page: 'x'.repeat(80) }, fate: 'oversized', timeMs: 0 },
    ),
  },
);

const identity = fc.oneof(
  fc.constant({}),
  fc.record({ producer: fc.constantFrom('p', 'q', 'r'), sequence: fc.nat(6) }),
  fc.record({ key: fc.constantFrom('k', 'l', 'm') }),
);

type Step =
  | { readonly command: PushCommand; readonly rows: readonly Row[] }
  | { readonly command: ReplayCommand; readonly rows: readonly Row[] }
  | { readonly command: Extract<Command, { kind: 'duplicate' }>; readonly rows: null };

const push: fc.Arbitrary<Step> = fc
  .tuple(fc.array(row, { maxLength: 6 }), identity, fc.nat(100), fc.integer({ min: 1, max: 3 }))
  .map(([rows, who, arrivalMs, specVersion]) => ({
    rows,
    command: pushOf(
      rows.map(({ json }) => json),
      { ...who, arrivalMs, specVersion },
    ),
  }));

const replay: fc.Arbitrary<Step> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(12), row), { maxLength: 4 }),
    fc.nat(100),
    fc.integer({ min: 1, max: 3 }),
    fc.boolean(),
  )
  .map(([letters, arrivalMs, specVersion, acceptLate]) => ({
    rows: letters.map(([, each]) => each),
    command: replayOf(
      letters.map(([letter, { json }]) => ({
        letter,
        text: typeof json === 'string' ? json : stringifyJson(json),
      })),
      { arrivalMs, specVersion, acceptLate },
    ),
  }));

const duplicate: fc.Arbitrary<Step> = fc
  .nat(5)
  .map((rows) => ({ rows: null, command: { kind: 'duplicate', table: 't', rows } }));

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: push },
    { weight: 2, arbitrary: replay },
    { weight: 1, arbitrary: duplicate },
  ),
  { maxLength: 20 },
);

/** What the counters must be, from what each row was made to be; by the book, and with the parts that have tests of their own. */
class Model {
  counts: RowCounts = NO_ROWS;
  letters = 0;
  readonly replayed = new Set<number>();
  readonly watermark = new Watermark();
  readonly dedup = new Dedup();

  apply({ command, rows }: Step, position: number): void {
    if (rows === null) this.add({ received: command.rows, deduplicated: command.rows });
    else if (command.kind === 'push') this.push(command, rows, position);
    else if (command.kind === 'replay') this.replay(command, rows);
  }

  push(command: PushCommand, rows: readonly Row[], position: number): void {
    const known = this.dedup.known(command);
    if (known.kind === 'refused') return;
    if (known.kind === 'duplicate') {
      const { received } = known.answer;
      this.add({ received, deduplicated: received });
      return;
    }
    const fates = this.fates(command, rows);
    const bound = command.arrivalMs + 50;
    const times = rows.flatMap(({ timeMs }, i) =>
      fates[i] === null && timeMs <= bound ? [timeMs] : [],
    );
    this.watermark.observe(command.producer ?? '', Math.max(...times), command.arrivalMs);
    const counts = { ...NO_ROWS, ...countsOf(fates) };
    this.add(counts);
    this.letters += counts.late + counts.rejected;
    this.dedup.remember(
      command,
      { ...counts, position, errors: [] },
      SPECS[command.specVersion - 1]!.dedup,
    );
    this.watermark.advance(command.arrivalMs, SPECS[command.specVersion - 1]!.time);
  }

  replay(command: ReplayCommand, rows: readonly Row[]): void {
    const fates = this.fates(command, rows);
    const seen = new Set<number>();
    for (const [i, { letter }] of command.letters.entries()) {
      if (this.replayed.has(letter) || seen.has(letter)) this.add({ received: 1, deduplicated: 1 });
      else if (letter >= this.letters) this.add({ received: 1, rejected: 1 });
      else this.add(countsOf([fates[i]!]));
      if (!seen.has(letter) && letter < this.letters && fates[i] === null)
        this.replayed.add(letter);
      seen.add(letter);
    }
  }

  fates(command: PushCommand | ReplayCommand, rows: readonly Row[]): (LetterReason | null)[] {
    const { time } = SPECS[command.specVersion - 1]!;
    const anyTime = command.kind === 'replay' && command.acceptLate;
    const lateBefore = anyTime ? -1 : this.watermark.advance(command.arrivalMs, time) - 3;
    return rows.map(({ fate, timeMs }) => {
      const judgesTime = fate === null || fate === 'type';
      if (judgesTime && !anyTime && time.late !== 'accept' && timeMs < lateBefore) return 'late';
      if (judgesTime && !anyTime && time.future !== 'accept' && timeMs > command.arrivalMs + 50)
        return 'future';
      return fate;
    });
  }

  add(counts: Partial<RowCounts>): void {
    const sum = (name: keyof RowCounts) => this.counts[name] + (counts[name] ?? 0);
    this.counts = {
      received: sum('received'),
      stored: sum('stored'),
      late: sum('late'),
      rejected: sum('rejected'),
      deduplicated: sum('deduplicated'),
    };
  }
}

function countsOf(fates: readonly (LetterReason | null)[]): Partial<RowCounts> {
  const stored = fates.filter((fate) => fate === null).length;
  const late = fates.filter((fate) => fate === 'late').length;
  return { received: fates.length, stored, late, rejected: fates.length - stored - late };
}

/** Everything that a command gives, as text. */
function told(applied: Applied): string {
  if (applied.outcome === 'refused') return applied.error.message;
  if (applied.outcome !== 'taken') return stringifyJson(applied.answer);
  const { answer, rows, letters } = applied;
  const names = rows === null ? [] : ['__time', ...rows.dimensions.map(({ name }) => name)];
  const cells = Array.from(rows?.kept ?? [], (row) => {
    rows!.cursor.row = row;
    return names.map((name) => rows!.cursor.column(name).get());
  });
  return stringifyJson({
    answer,
    names,
    cells,
    letters: letters?.letters ?? [],
    origin: letters?.origin ?? null,
  });
}

test('every row has the fate that it was made for, and exactly one', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const state = new TableState('t', VERSIONS);
      const model = new Model();
      for (const [i, step] of all.entries()) {
        const applied = state.apply(step.command, i);
        model.apply(step, i);
        const { watermarkMs: _, letters, ...counts } = state.stats;
        expectSame([counts, letters], [model.counts, model.letters]);
        const { received, stored, late, rejected, deduplicated } = counts;
        expect(received).toBe(stored + late + rejected + deduplicated);
        if (applied.outcome !== 'taken') continue;
        expect(applied.rows?.kept.length ?? 0).toBe(applied.answer.stored);
        expect(applied.answer.errors.length).toBeLessThanOrEqual(
          applied.answer.late + applied.answer.rejected,
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('a state that was restored anywhere goes on as if nothing had been', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.boolean()), (all, restarts) => {
      const whole = new TableState('t', VERSIONS);
      let broken = new TableState('t', VERSIONS);
      for (const [i, { command }] of all.entries()) {
        expectSame(told(broken.apply(command, i)), told(whole.apply(command, i)));
        expectSame(broken.checkpoint(), whole.checkpoint());
        if (restarts[i]) broken = new TableState('t', VERSIONS, broken.checkpoint());
        expectSame(broken.stats, whole.stats);
        expectSame(broken.dimensions, whole.dimensions);
      }
    }),
    { numRuns: 300 },
  );
});
