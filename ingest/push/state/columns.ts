import type { DimensionSchema } from '../../../segments/index.js';
import { BatchReader } from '../../rows/batch-reader.js';
import { arrivalDimension, type TableSpec } from '../spec/table-spec.js';

/**
 * The dimensions of a table, in the order in which they came to be: listed ones as the versions of
 * the spec bring them, discovered ones as rows show them. A name keeps the type that it has first, until a spec lists
 * it as a wider one; `auto` ones widen by themselves.
 */
export class TableColumns {
  #dimensions: readonly DimensionSchema[];
  #spec: TableSpec | null = null;
  #reader: BatchReader | null = null;

  constructor(dimensions: readonly DimensionSchema[]) {
    this.#dimensions = dimensions;
  }

  /** All so far; the reader's discoveries are among them. */
  get all(): readonly DimensionSchema[] {
    return this.#reader?.dimensions ?? this.#dimensions;
  }

  /** The reader of rows under this version of the spec. */
  reader(spec: TableSpec): BatchReader {
    if (this.#reader !== null && this.#spec === spec) return this.#reader;
    this.#dimensions = withListed(this.all, spec);
    const dimensions = { ...spec.dimensions, listed: this.#dimensions };
    this.#reader = new BatchReader({ ...spec, dimensions });
    this.#spec = spec;
    return this.#reader;
  }
}

/**
 * The dimensions so far, each as the spec lists it, and behind them those that the spec adds; what became a metric is none
 * any more.
 */
export function withListed(
  dimensions: readonly DimensionSchema[],
  spec: TableSpec,
): DimensionSchema[] {
  const taken = new Set(spec.metrics.map(({ name }) => name));
  const listed = [...spec.dimensions.listed, ...arrivalDimension(spec)];
  const chosen = new Map(listed.map((dimension) => [dimension.name, dimension]));
  const all: DimensionSchema[] = [];
  for (const dimension of [...dimensions, ...listed]) {
    const { name, auto } = dimension;
    if (taken.has(name)) continue;
    taken.add(name);
    // As it is listed now: its values fit the type; its indexes may be others.
    const own = chosen.get(name) ?? dimension;
    all.push(
      own.auto === undefined ? own : { ...own, type: dimension.type, auto: auto ?? own.auto },
    );
  }
  return all;
}
