import { isJsonObject, type JsonObject, stringifyJson } from '../../core/index.js';
import { STAR_NODES } from '../../indexes/index.js';
import {
  type Aggregator,
  type Filter,
  type Granularity,
  parseAggregator,
  parseGranularity,
  type ValueType,
} from '../../model/index.js';
import type { TreeEntry, WantedParts } from '../../segments/index.js';
import { grainsOf, readsTimeAlone } from '../compiler/time-pieces.js';
import { conjunctsOf } from '../filter/conjuncts.js';
import { isCast } from '../interpreter/cast-segment.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { NativeQuery } from '../native/query.js';
import { type FactsOf, factsOfPart, type TypesOf } from '../plan/column-facts.js';
import { compileOutcomes, mustBeTrue } from '../plan/outcomes.js';
import type { PlannedPart } from '../plan/prune.js';
import { QueryNames } from '../plan/query-names.js';

/** How a star-tree of a segment answers a query. */
export interface TreePlan {
  readonly tree: number;
  readonly wanted: WantedParts;
  /** What is folded of its records. */
  readonly aggregations: readonly JsonObject[];
  /** By dimension: the conditions that read nothing else, all of which have to hold. */
  readonly conditions: readonly (readonly Filter[])[];
  /** By dimension: whether records have to have a code of it. */
  readonly isRead: readonly boolean[];
}

/**
 * The tree of a part that answers a query as its rows do, about the fewest records of several; null where there is none. All rows of the
 * part have to lie in one of the query's intervals.
 */
export function planTree(
  query: NativeQuery,
  groups: GroupPlan | null,
  planned: PlannedPart,
  types: TypesOf,
): TreePlan | null {
  const { part, facts } = planned;
  if (!query.context.useStarTree || groups === null) return null;
  if (part.facts === null || facts.interval < 0) return null;
  const plans = part.facts.trees.flatMap((tree, i) => {
    const plan = new TreePlanner(query, groups, planned, types, tree).plan(i);
    return plan === null ? [] : [{ plan, records: expectedRecords(tree, plan) }];
  });
  const least = Math.min(...plans.map(({ records }) => records));
  return plans.find(({ records }) => records === least)?.plan ?? null;
}

/** As many as the values of the dimensions that are read make, or all. */
export function expectedRecords({ columns, rowCount }: TreeEntry, { isRead }: TreePlan): number {
  const combinations = columns.reduce(
    (product, { stats }, i) => (isRead[i] ? product * (stats.cardinality ?? 1) : product),
    1,
  );
  return Math.min(rowCount, combinations);
}

class TreePlanner {
  readonly #names: QueryNames;
  readonly #isRead: boolean[];
  readonly #facts: FactsOf;
  readonly #positions: ReadonlyMap<string, number>;
  readonly #granularity: Granularity | null;

  constructor(
    private readonly query: NativeQuery,
    private readonly groups: GroupPlan,
    private readonly planned: PlannedPart,
    private readonly types: TypesOf,
    private readonly tree: TreeEntry,
  ) {
    this.#names = new QueryNames(query.virtualColumns);
    this.#isRead = tree.dimensions.map(() => false);
    this.#facts = factsOfPart(planned.part, types);
    this.#positions = new Map(tree.dimensions.map(({ name }, i) => [name, i]));
    const time = tree.dimensions.find(({ granularity }) => granularity !== undefined);
    this.#granularity =
      time === undefined ? null : parseGranularity(time.granularity, 'granularity');
  }

  plan(tree: number): TreePlan | null {
    const { query, groups } = this;
    const { granularity, dimensions } = groups;
    const conditions = this.tree.dimensions.map((): Filter[] => []);
    const isFit =
      (granularity.kind === 'all' || this.#readTime([granularity])) &&
      dimensions.every(({ inputs }) => this.#read(inputs)) &&
      this.#readFilter(query.filter, conditions);
    const aggregations = isFit
      ? groups.aggregations.map((each) => this.#overRecords(each))
      : [null];
    if (aggregations.includes(null)) return null;
    const metrics = aggregations.flatMap((each) => metricsOf(each!));
    const read = this.tree.dimensions.flatMap(({ name }, i) => (this.#isRead[i] ? [name] : []));
    const [first] = this.tree.columns;
    return {
      tree,
      wanted: {
        tree,
        columns: [...new Set(['__time', ...read, ...metrics])],
        indexes: [{ column: first!.name, kind: STAR_NODES }],
      },
      aggregations: aggregations as JsonObject[],
      conditions,
      isRead: this.#isRead,
    };
  }

  /** Marks the dimensions behind names; false where something else is. */
  #read(names: readonly string[]): boolean {
    const stored = this.#names.storedBehind(names);
    if (readsTimeAlone(stored)) {
      const grains = grainsOf(this.#names, names);
      return grains !== null && this.#readTime(grains);
    }
    return [...stored].every((name) => {
      const position = this.#positions.get(name);
      if (position === undefined || name === '__time' || this.#isCast(name)) return false;
      this.#isRead[position] = true;
      return true;
    });
  }

  /** What a segment's rows are read as differs from what they are. */
  #isCast(name: string): boolean {
    const { type } = this.tree.columns[this.#positions.get(name)!]!;
    return isCast(type, this.types.get(name) ?? type);
  }

  /** Whether nothing that changes with these buckets only changes within one of the tree's. */
  #readTime(grains: readonly Pick<Granularity, 'bucketStart'>[]): boolean {
    const own = this.#granularity;
    if (own === null) return false;
    const { minTimeMs, maxTimeMs } = this.planned.part;
    let start = own.bucketStart(minTimeMs);
    for (let count = 0; start <= maxTimeMs; count++) {
      const next = own.nextBucket(start);
      const isWhole = grains.every(
        (grain) => grain.bucketStart(start) === grain.bucketStart(next - 1),
      );
      if (!isWhole || count > MOST_BUCKETS) return false;
      start = next;
    }
    this.#isRead[this.#positions.get('__time')!] = true;
    return true;
  }

  #readFilter(filter: Filter | null, conditions: readonly Filter[][]): boolean {
    if (filter === null) return true;
    return conjunctsOf(filter).every((each) => {
      if (!this.#read(each.inputs)) return false;
      const [stored, ...others] = this.#names.storedBehind(each.inputs);
      const position = this.#positions.get(stored ?? '');
      if (position !== undefined && others.length === 0) conditions[position]!.push(each);
      return true;
    });
  }

  /** The aggregator that folds records instead of rows; null where the tree has not what it takes. */
  #overRecords(aggregator: Aggregator): JsonObject | null {
    const stored = this.#metricOf(aggregator);
    if (stored !== null)
      return { ...aggregator.combining().spec, name: aggregator.name, fieldName: stored };
    const { form, spec, name } = aggregator;
    if (form?.kind !== 'filtered') return null;
    const inner = this.#overRecords(form.aggregator);
    if (inner === null) return null;
    const virtual = new Set(this.query.virtualColumns.map((column) => column.name));
    if (mustBeTrue(compileOutcomes(form.filter, virtual)(this.#facts))) return { ...inner, name };
    return this.#read(form.filter.inputs) ? { ...spec, aggregator: { ...inner, name } } : null;
  }

  /** The column of records that holds an aggregator's states. */
  #metricOf(aggregator: Aggregator): string | null {
    const wanted = textOf(aggregator);
    const metric = this.tree.columns.find(
      (column) =>
        column.aggregator !== null && textOf(parseAggregator(column.aggregator, '')) === wanted,
    );
    const isPlain = aggregator.inputs.every(
      (name) => this.#names.virtual(name) === null && !this.#isCastInput(name),
    );
    return metric === undefined || !isPlain ? null : metric.name;
  }

  #isCastInput(name: string): boolean {
    const type: ValueType | undefined = this.planned.part.facts!.column(name)?.type;
    return type !== undefined && isCast(type, this.types.get(name) ?? type);
  }
}

const MOST_BUCKETS = 100_000;

/** What an aggregator is, whatever its name. */
function textOf({ spec }: Aggregator): string {
  const { name: _, ...rest } = spec;
  return stringifyJson(sorted(rest));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const { name: _, ...rest } = value;
  return Object.fromEntries(
    Object.entries(rest)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

/** The columns that an aggregator over records folds. */
const metricsOf = (spec: JsonObject): string[] => [...parseAggregator(spec, '').inputs];
