import type { Machine } from './machine.js';
import { table } from './markdown.js';
import type { Measured } from './measure.js';
import { ENGINE_NAMES, type Engine } from './peer.js';
import { geometricMean, meanPerGroup } from './statistics.js';

export interface Loaded {
  readonly engine: Engine;
  readonly ms: number;
  readonly diskBytes: number;
}

export interface ClassReport {
  readonly class: string;
  /** Nothing when an earlier class has loaded the same tables. */
  readonly loaded: readonly Loaded[];
  readonly measured: readonly Measured[];
}

export interface Report {
  readonly rows: number;
  readonly rounds: number;
  readonly threads: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<Engine, string>>;
  readonly classes: readonly ClassReport[];
}

/** The better peer's time over Varve's: above 1, Varve is faster. NaN when not measured. */
export function ratioOf({ ms }: Measured): number {
  const { varve = Number.NaN, duckdb = Number.NaN, clickhouse = Number.NaN } = ms;
  return Math.min(duckdb, clickhouse) / varve;
}

/** Everything as Markdown, whose tables also read well on a terminal. */
export function reportText(report: Report): string {
  return [
    heading(report),
    ...report.classes.flatMap((one) => [
      classText(one),
      ...(one.loaded.length > 0 ? [loadText(one, report.rows)] : []),
    ]),
    meansText(report.classes),
    ...remarks(report),
  ].join('\n\n');
}

function heading({ rows, rounds, threads, machine, versions }: Report): string {
  const engines = Object.entries(versions).map(
    ([engine, version]) => `${ENGINE_NAMES[engine as Engine]} ${version}`,
  );
  return `${rows.toLocaleString('en-US')} rows; ${threads} threads each; ${engines.join(', ')}; commit ${machine.commit}.
${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}.
Milliseconds, medians of ${rounds} interleaved rounds in one process, answers compared first. Ratio: the better peer's time / Varve's.`;
}

function classText({ class: name, measured }: ClassReport): string {
  const withJobs = measured.some(({ jobs }) => jobs !== null);
  const lines = measured.map((one) => [
    one.id,
    one.tags.join(' '),
    ms(one.ms.varve),
    ms(one.ms.duckdb),
    ms(one.ms.clickhouse),
    one.errors.length > 0 ? 'error' : ratioText(ratioOf(one)),
    ...(withJobs ? [modeOf(one)] : []),
  ]);
  const head = ['query', 'tags', 'Varve', 'DuckDB', 'ClickHouse', 'ratio'];
  return `### ${name}\n\n${table([...head, ...(withJobs ? ['ran'] : [])], lines)}`;
}

function loadText({ loaded }: ClassReport, rows: number): string {
  const lines = loaded.map(({ engine, ms, diskBytes }) => [
    ENGINE_NAMES[engine],
    (ms / 1000).toFixed(2),
    Math.round(rows / ms).toLocaleString('en-US'),
    (diskBytes / 1e6).toFixed(1),
    (diskBytes / rows).toFixed(1),
  ]);
  return table(['load', 'seconds', 'thousand rows/s', 'MB on disk', 'bytes/row'], lines);
}

/** Geometric means of the ratio per class and per tag. */
function meansText(classes: readonly ClassReport[]): string {
  const measured = classes.flatMap((one) => one.measured).filter((one) => ratioOf(one) > 0);
  const perClass = meanPerGroup(measured, (one) => [one.class], ratioOf);
  const perTag = meanPerGroup(measured, ({ tags }) => tags, ratioOf);
  const lines = [
    ...[...perClass].map(([name, { mean, count }]) => [name, String(count), ratioText(mean)]),
    ...[...perTag].sort().map(([tag, { mean, count }]) => [tag, String(count), ratioText(mean)]),
    ['all', String(measured.length), ratioText(geometricMean(measured.map(ratioOf)))],
  ];
  return table(['geometric mean of the ratio', 'queries', 'ratio'], lines);
}

/** What the tables do not say: fewer rounds, the share of compiled jobs, notes and errors. */
function remarks({ classes, rounds }: Report): string[] {
  const all = classes.flatMap((one) => one.measured);
  const fewer = all.filter((one) => one.rounds > 0 && one.rounds < rounds);
  const named = fewer.map((one) => `${one.id} (${one.rounds})`).join(', ');
  const lists = [
    ['Notes', all.flatMap(({ notes }) => notes)],
    ['Errors', all.flatMap(({ errors }) => errors)],
  ] as const;
  return [
    ...(fewer.length > 0 ? [`Slow, with fewer rounds: ${named}.`] : []),
    ...compiledShare(all),
    ...lists.flatMap(([title, sentences]) =>
      sentences.length > 0
        ? [`${title}:\n\n${sentences.map((text) => `- ${text}`).join('\n')}`]
        : [],
    ),
  ];
}

function compiledShare(all: readonly Measured[]): string[] {
  const jobs = all.flatMap(({ jobs }) => (jobs === null ? [] : [jobs]));
  if (jobs.length === 0) return [];
  const compiled = jobs.reduce((sum, job) => sum + job.compiled, 0);
  const total = jobs.reduce((sum, job) => sum + job.compiled + job.interpreted, 0);
  const queries = jobs.filter((job) => job.compiled > 0 && job.interpreted === 0).length;
  return [
    `Compiled: ${queries} of ${jobs.length} queries wholly, ${Math.round((100 * compiled) / Math.max(total, 1))} % of ${total} jobs.`,
  ];
}

function modeOf({ jobs }: Measured): string {
  if (jobs === null || jobs.compiled + jobs.interpreted === 0) return '–';
  if (jobs.interpreted === 0) return 'compiled';
  return jobs.compiled === 0
    ? 'interpreted'
    : `${jobs.compiled} of ${jobs.compiled + jobs.interpreted} compiled`;
}

const ms = (value: number | undefined): string =>
  value === undefined ? '–' : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

const ratioText = (ratio: number): string => (Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)}x`);
