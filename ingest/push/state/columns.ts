import type { DimensionSchema } from '../../../segments/index.js';
import { BatchReader } from '../../rows/batch-reader.js';
import { arrivalDimension, type TableSpec } from '../spec/table-spec.js';

/**
 * The dimensions of a table, in the order in which they came to be: listed ones as the versions of
 * the spec bring them, discovered ones as rows show them. A name keeps the type that it has first.
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

/** The dimensions so far and behind them those that the spec adds; what became a metric is none any more. */
export function withListed(
  dimensions: readonly DimensionSchema[],
  spec: TableSpec,
): DimensionSchema[] {
  const taken = new Set(spec.metrics.map(({ name }) => name));
  const listed = new Map(spec.dimensions.listed.map((each) => [each.name, each]));
  const all: DimensionSchema[] = [];
  for (const dimension of [...dimensions, ...spec.dimensions.listed, ...arrivalDimension(spec)]) {
    if (taken.has(dimension.name)) continue;
    taken.add(dimension.name);
    // As it is listed now: its type is the same, its indexes may be others.
    all.push(listed.get(dimension.name) ?? dimension);
  }
  return all;
}
