import type { Histogram } from '../../core/index.js';

/** One family of samples. */
export interface Metric {
  /** Ends in `_total` for a counter, in the unit for a gauge. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Behind the name of the metric, where it has several of a kind. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  type: 'counter',
  help,
  samples,
});

export const gauge = (name: string, help: string, samples: readonly Sample[] | number): Metric => ({
  name,
  type: 'gauge',
  help,
  samples: typeof samples === 'number' ? [{ value: samples }] : samples,
});

/** One histogram for each set of labels; the name ends in the unit. */
export const histogram = (
  name: string,
  help: string,
  series: readonly { readonly labels: NonNullable<Sample['labels']>; readonly of: Histogram }[],
): Metric => ({
  name,
  type: 'histogram',
  help,
  samples: series.flatMap(({ labels, of }) => {
    const counts = of.cumulated();
    const bounds = [...of.bounds.map(String), '+Inf'];
    return [
      ...bounds.map((le, i) => ({
        suffix: '_bucket' as const,
        labels: { ...labels, le },
        value: counts[i]!,
      })),
      { suffix: '_sum' as const, labels, value: of.sum },
      { suffix: '_count' as const, labels, value: counts.at(-1)! },
    ];
  }),
});

/** https://prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}\n`,
      `# TYPE ${name} ${type}\n`,
      ...samples.map(
        ({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelText(labels)} ${value}\n`,
      ),
    ])
    .join('');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join()}}`;
}

/** Of the value of a label: backslash, quote and line feed. */
const escaped = (value: string): string =>
  value.replace(/[\\"\n]/g, (letter) => (letter === '\n' ? '\\n' : `\\${letter}`));
