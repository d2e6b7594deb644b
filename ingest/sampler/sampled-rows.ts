import { compareText, isJsonObject, stringifyJson } from '../../core/index.js';
import type { Aggregator, State, Value } from '../../model/index.js';
import { type DimensionSchema, timeTruncation } from '../../segments/index.js';
import type { BatchCursor } from '../rows/batch-cursor.js';
import { overInputs } from '../rows/metric-input.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { jsonValue } from './json-value.js';

/** A row as it would be stored. */
export interface SampledRow {
  readonly timeMs: number;
  /** By dimension; of those found later it has none. */
  readonly values: ReadonlyMap<string, Value>;
  /** Of the metrics, in order. */
  readonly states: State[];
}

/** Makes rows as a segment would have them: times truncated, equal rows rolled up. */
export class SampledRows {
  readonly #metrics: readonly Aggregator[];
  readonly #truncate: (timeMs: number) => number;
  /** By time and dimensions, where rows are rolled up. */
  readonly #known = new Map<string, SampledRow>();

  constructor(private readonly spec: TaskSpec) {
    this.#metrics = spec.metrics.map(overInputs);
    const { dataSource, granularity } = spec;
    const { queryGranularity, rollup } = granularity;
    this.#truncate = timeTruncation({
      dataSource,
      dimensions: [],
      metrics: [],
      rollup,
      queryGranularity,
    });
  }

  /** The rows of a batch, in the order of `kept`; null for one that went into an earlier row. */
  add(
    cursor: BatchCursor,
    kept: Uint32Array,
    dimensions: readonly DimensionSchema[],
  ): (SampledRow | null)[] {
    const time = cursor.column('__time');
    const readers = dimensions.map((schema) => ({ schema, reader: cursor.column(schema.name) }));
    const accumulators = this.#metrics.map((metric) => metric.accumulator(cursor));
    return Array.from(kept, (row) => {
      cursor.row = row;
      const timeMs = this.#truncate(time.get() as number);
      const values = new Map<string, Value>();
      for (const { schema, reader } of readers) {
        const value = storedCell(reader.get(), schema);
        if (value !== null) values.set(schema.name, value);
      }
      const { row: target, isNew } = this.#rowOf(timeMs, values);
      for (const [i, accumulator] of accumulators.entries()) {
        target.states[i] = accumulator.fold(target.states[i]!);
      }
      return isNew ? target : null;
    });
  }

  /** The row as JSON, once all rows are in. */
  parsed({ timeMs, values, states }: SampledRow, dimensions: readonly DimensionSchema[]): object {
    const cells = dimensions.map(({ name }) => [name, jsonValue(values.get(name) ?? null)]);
    const metrics = this.#metrics.map((metric, i) => {
      const value = metric.finalise(states[i]!);
      return [metric.name, isJsonObject(value) ? stringifyJson(value) : jsonValue(value)];
    });
    return Object.fromEntries([['__time', timeMs], ...cells, ...metrics]);
  }

  #rowOf(timeMs: number, values: Map<string, Value>): { row: SampledRow; isNew: boolean } {
    const fresh = (): SampledRow => ({
      timeMs,
      values,
      states: this.#metrics.map((metric) => metric.initial()),
    });
    if (!this.spec.granularity.rollup) return { row: fresh(), isNew: true };
    const key = stringifyJson([timeMs, ...values]);
    const known = this.#known.get(key);
    if (known !== undefined) return { row: known, isNew: false };
    const row = fresh();
    this.#known.set(key, row);
    return { row, isNew: true };
  }
}

/** The cell as it is stored: texts of a multi-value cell in the order that the dimension wants. */
function storedCell(cell: Value, { type, multiValueHandling }: DimensionSchema): Value {
  if (type !== 'STRING' || !Array.isArray(cell) || multiValueHandling === 'ARRAY') return cell;
  const texts = [...(cell as (string | null)[])].sort((a, b) =>
    a === null || b === null ? Number(a !== null) - Number(b !== null) : compareText(a, b),
  );
  return multiValueHandling === 'SORTED_SET' ? [...new Set(texts)] : texts;
}
