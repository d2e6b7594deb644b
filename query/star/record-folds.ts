import type { JsonObject } from '../../core/index.js';
import type { Aggregator, Filter, ValueType } from '../../model/index.js';
import { conjunctsOf } from '../filter/conjuncts.js';
import { isCast } from '../interpreter/cast-segment.js';
import type { FactsOf, TypesOf } from '../plan/column-facts.js';
import { compileOutcomes, mustBeTrue } from '../plan/outcomes.js';
import { aggregatorText, filteredText, inputText, notNullText, thetaSize } from './spelling.js';
import type { TreeShape } from './tree-shape.js';

/** What of records gives the states of an aggregator over rows. */
export interface RecordFold {
  /** Aggregators over records. */
  readonly specs: readonly JsonObject[];
  /** What their states are: the state, a number of rows, null where there were none, or the sum and the count of a mean. */
  readonly gives: 'state' | 'count' | 'mean';
  /** Dimensions that are read. */
  readonly reads: ReadonlySet<number>;
  /** What has to be true of all rows of a segment. */
  readonly mustHold: readonly RowsTest[];
}

/** Whether something is true of all rows of which facts hold. */
export type RowsTest = (facts: FactsOf) => boolean;

/** What a query looks at. */
export interface Reading {
  readonly types: TypesOf;
  readonly virtual: ReadonlySet<string>;
  /** The dimensions behind names; null where something else is. */
  positionsOf(names: readonly string[]): readonly number[] | null;
}

/** Tells how aggregators of a query are folded out of the records of trees of one shape. */
export class RecordFolds {
  constructor(
    private readonly shape: TreeShape,
    private readonly reading: Reading,
  ) {}

  /** Null where the trees have not what it takes. */
  of(aggregator: Aggregator): RecordFold | null {
    const { form } = aggregator;
    return (
      this.#ofMetric(aggregator) ??
      (form?.kind === 'filtered'
        ? this.#ofFiltered(aggregator.name, conjunctsOf(form.filter), form.aggregator)
        : this.#ofMean(aggregator))
    );
  }

  /** States are there as they are. */
  #ofMetric(aggregator: Aggregator): RecordFold | null {
    if (!aggregator.inputs.every((name) => this.#isPlain(name))) return null;
    const text = aggregatorText(aggregator, this.shape.typeOf);
    const metric = this.#metric(text, thetaSize(aggregator));
    if (metric === null) return null;
    const { spec } = aggregator.combining();
    return {
      specs: [{ ...spec, name: aggregator.name, fieldName: metric }],
      gives: isCount(aggregator) ? 'count' : 'state',
      reads: new Set(),
      mustHold: [],
    };
  }

  /** Of filters some may be in a metric; the others are asked of records, or are true of all rows. */
  #ofFiltered(name: string, filters: readonly Filter[], inner: Aggregator): RecordFold | null {
    if (inner.form?.kind === 'filtered') {
      const { filter, aggregator } = inner.form;
      return this.#ofFiltered(name, [...filters, ...conjunctsOf(filter)], aggregator);
    }
    for (const filter of filters) {
      if (!filter.inputs.every((input) => this.#isPlain(input))) continue;
      const fold = this.#ofFilteredMetric(filter, inner);
      const others = filters.filter((each) => each !== filter);
      const found = fold && this.#among(name, others, fold);
      if (found) return found;
    }
    const fold = this.of(inner);
    return fold && this.#among(name, filters, fold);
  }

  #ofFilteredMetric(filter: Filter, inner: Aggregator): RecordFold | null {
    if (!inner.inputs.every((input) => this.#isPlain(input))) return null;
    const { typeOf } = this.shape;
    const text = filteredText([filter], aggregatorText(inner, typeOf), typeOf);
    const metric = this.#metric(text, thetaSize(inner));
    if (metric === null) return null;
    const { name } = inner;
    return {
      specs: [{ ...inner.combining().spec, name, fieldName: metric }],
      gives: isCount(inner) ? 'count' : 'state',
      reads: new Set(),
      mustHold: [],
    };
  }

  /** The fold of the records for which filters are true. */
  #among(name: string, filters: readonly Filter[], fold: RecordFold): RecordFold | null {
    const reads = new Set(fold.reads);
    const mustHold = [...fold.mustHold];
    const asked: JsonObject[] = [];
    for (const filter of filters) {
      const positions = this.reading.positionsOf(filter.inputs);
      if (positions === null) {
        const outcomes = compileOutcomes(filter, this.reading.virtual);
        mustHold.push((facts) => mustBeTrue(outcomes(facts)));
      } else {
        for (const position of positions) reads.add(position);
        asked.push(filter.spec);
      }
    }
    const named = fold.specs.map((spec, i) => ({ ...spec, name: i === 0 ? name : partName(name) }));
    if (asked.length === 0) return { ...fold, specs: named, reads, mustHold };
    const filter = asked.length === 1 ? asked[0]! : { type: 'and', fields: asked };
    const specs = named.map((aggregator) => ({
      type: 'filtered',
      name: aggregator.name,
      filter,
      aggregator,
    }));
    return { ...fold, specs, reads, mustHold };
  }

  /** A mean of numbers by their sum and how many they are. */
  #ofMean({ name, spec, inputs }: Aggregator): RecordFold | null {
    const [column] = inputs;
    const { shape } = this;
    if (spec.type !== 'doubleMean' || column === undefined || !this.#isPlain(column)) return null;
    const doubles = this.#metric(inputText('sum DOUBLE', column), 0);
    const longs = this.#metric(inputText('sum LONG', column), 0);
    const sum = doubles ?? longs;
    const present = this.#metric(`${notNullText(column)} => count`, 0);
    const count = present ?? this.#metric('count', 0);
    const type = shape.typeOf(column);
    if (sum === null || count === null || !isNumber(type)) return null;
    return {
      specs: [
        { type: doubles === null ? 'longSum' : 'doubleSum', name, fieldName: sum },
        { type: 'longSum', name: partName(name), fieldName: count },
      ],
      gives: 'mean',
      reads: new Set(),
      mustHold: [
        ...(present === null ? [hasNoNulls(column)] : []),
        ...(doubles === null ? [isSmall(column)] : []),
      ],
    };
  }

  #metric(text: string, size: number): string | null {
    const found = this.shape.metrics
      .get(text)
      ?.find((metric) => metric.thetaSize >= size && !this.reading.virtual.has(metric.name));
    return found?.name ?? null;
  }

  /** Whether a name means the column of rows as it is stored. */
  #isPlain(name: string): boolean {
    const type: ValueType | undefined = this.shape.typeOf(name);
    const { types, virtual } = this.reading;
    return !virtual.has(name) && (type === undefined || !isCast(type, types.get(name) ?? type));
  }
}

const hasNoNulls =
  (column: string): RowsTest =>
  (facts) =>
    facts(column)?.hasNulls === false;

/** No sum of LONGs wraps around, as no sum of doubles does: a file has fewer than 2^32 rows. */
const isSmall =
  (column: string): RowsTest =>
  (facts) => {
    const { min, max } = facts(column) ?? { min: null, max: null };
    return (
      typeof min === 'number' && typeof max === 'number' && min >= -(2 ** 31) && max <= 2 ** 31
    );
  };

const isCount = ({ form }: Aggregator): boolean =>
  form?.kind === 'filtered' ? isCount(form.aggregator) : form?.kind === 'count';

const isNumber = (type: ValueType | undefined): boolean =>
  type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT';

/** Of a second aggregator, which no aggregator of a query has. */
const partName = (name: string): string => `${name}\u0000count`;
