import { percentile } from '../dashboards/closed-loop.js';
import type { Machine } from '../query/machine.js';
import { table } from '../query/markdown.js';
import type { OpenRound, Outcome, Sent } from './open-loop.js';

/** What the server tells of itself by /metrics. */
export interface ServerNow {
  readonly residentBytes: number;
  /** Since the last time. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
}

/** One way of asking: with caches or without. */
export interface Trial {
  readonly caches: boolean;
  /** Of the closed loop, answers a second. */
  readonly capacity: number;
  readonly steady: OpenRound;
  readonly steadyPerSecond: number;
  readonly overload: OpenRound;
  readonly overloadPerSecond: number;
  readonly overloadSeconds: number;
  readonly before: ServerNow;
  readonly afterSteady: ServerNow;
  /** Told while it lasts. */
  readonly atOverload: ServerNow;
  readonly after: ServerNow;
}

/** Latency is back in a window when nearly all requests of it are. */
const WINDOW_MS = 250;

/** It is back for good when it is for so long: single slow moments come in steady rounds, too. */
const CALM_WINDOWS = 8;

/**
 * How long after a moment, in windows, the first two seconds begin in which no window has a p99 above `limitMs`. NaN where none do.
 */
export function backAfterMs(sent: readonly Sent[], fromMs: number, limitMs: number): number {
  const windows: number[][] = [];
  for (const { scheduledMs, latencyMs, outcome } of sent) {
    if (scheduledMs < fromMs) continue;
    const window = Math.floor((scheduledMs - fromMs) / WINDOW_MS);
    windows[window] ??= [];
    windows[window].push(outcome === 'answered' ? latencyMs : Number.POSITIVE_INFINITY);
  }
  const isAbove = (latencies: readonly number[] | undefined): boolean =>
    latencies !== undefined && percentile(ascending(latencies), 0.99) > limitMs;
  let calm = 0;
  for (let i = 0; i < windows.length; i++) {
    calm = isAbove(windows[i]) ? 0 : calm + 1;
    if (calm === CALM_WINDOWS) return (i + 1 - CALM_WINDOWS) * WINDOW_MS;
  }
  return Number.NaN;
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

const latenciesOf = (sent: readonly Sent[], outcome: Outcome): number[] =>
  ascending(sent.flatMap((each) => (each.outcome === outcome ? each.latencyMs : [])));

const ms = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(1));
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

function shares(sent: readonly Sent[], outcome: Outcome): string[] {
  const latencies = latenciesOf(sent, outcome);
  return [0.5, 0.95, 0.99].map((share) => ms(percentile(latencies, share)));
}

/** What a steady round may take and still be back. */
const backLimitMs = ({ steady }: Trial): number =>
  2 * percentile(latenciesOf(steady.sent, 'answered'), 0.99) + 5;

export function reportText(machine: Machine, rows: number, trials: readonly Trial[]): string {
  const { cpu, cores, memoryGiB, node, commit } = machine;
  return [
    `Clients of dashboards, ${rows} rows. ${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${commit}`,
    'At 60 % of the capacity, by a schedule: ms from when a request was due',
    table(STEADY_HEADER, trials.map(steadyRow)),
    'Far more than it can answer: ms to answer or to refuse, and until latency is back',
    table(OVERLOAD_HEADER, trials.map(overloadRow)),
  ].join('\n\n');
}

const STEADY_HEADER = [
  ...['caches', 'capacity/s', 'asked/s', 'answered', 'refused', 'failed', 'p50', 'p95', 'p99'],
  ...['loop delay p99', 'max', 'MiB before', 'after'],
];

function steadyRow(trial: Trial): string[] {
  const { steady, caches, capacity, steadyPerSecond, before, afterSteady } = trial;
  return [
    caches ? 'on' : 'off',
    capacity.toFixed(0),
    steadyPerSecond.toFixed(0),
    ...counts(steady.sent),
    ...shares(steady.sent, 'answered'),
    ms(afterSteady.loopDelayP99Ms),
    ms(afterSteady.loopDelayMaxMs),
    mib(before.residentBytes),
    mib(afterSteady.residentBytes),
  ];
}

const counts = (sent: readonly Sent[]): string[] =>
  (['answered', 'refused', 'failed'] as const).map((outcome) =>
    String(latenciesOf(sent, outcome).length),
  );

const OVERLOAD_HEADER = [
  ...['caches', 'asked/s', 'not sent', 'answered/s', 'of capacity', 'answered p50', 'p95', 'p99'],
  ...['refused p50', 'p95', 'p99', 'failed', 'loop delay p99', 'back after ms', 'MiB after'],
];

function overloadRow(trial: Trial): string[] {
  const { overload, overloadSeconds, overloadPerSecond, capacity, caches } = trial;
  const endMs = overloadSeconds * 1000;
  const during = overload.sent.filter(({ scheduledMs }) => scheduledMs < endMs);
  const perSecond = latenciesOf(during, 'answered').length / overloadSeconds;
  return [
    caches ? 'on' : 'off',
    overloadPerSecond.toFixed(0),
    String(overload.skipped),
    perSecond.toFixed(0),
    `${((100 * perSecond) / capacity).toFixed(0)} %`,
    ...shares(during, 'answered'),
    ...shares(during, 'refused'),
    String(latenciesOf(overload.sent, 'failed').length),
    ms(trial.atOverload.loopDelayP99Ms),
    ms(backAfterMs(overload.sent, endMs, backLimitMs(trial))),
    mib(trial.after.residentBytes),
  ];
}
