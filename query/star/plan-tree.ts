import { type JsonObject, stringifyJson } from '../../core/index.js';
import { STAR_NODES } from '../../indexes/index.js';
import {
  type Aggregator,
  type Filter,
  type Granularity,
  parseAggregator,
  type VirtualColumn,
} from '../../model/index.js';
import type { TreeEntry, WantedParts } from '../../segments/index.js';
import { type Grains, grainsOf, readsTimeAlone } from '../compiler/time-pieces.js';
import { conjunctsOf } from '../filter/conjuncts.js';
import { shareOf } from '../filter/share.js';
import { isCast } from '../interpreter/cast-segment.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { NativeQuery } from '../native/query.js';
import { factsOfPart, type TypesOf } from '../plan/column-facts.js';
import type { PlannedPart } from '../plan/prune.js';
import { QueryNames } from '../plan/query-names.js';
import { WantedIndexes } from '../plan/wanted-indexes.js';
import type { PartFacts } from '../tables.js';
import { type DimensionReads, type ExpectedRecords, expectedRecords } from './expected-records.js';
import { type KnownKeys, knownKeys } from './known-keys.js';
import { type RecordFold, RecordFolds, type RowsTest } from './record-folds.js';
import { cutsStart, type SeenBuckets, seenBuckets, seesAll } from './time-cut.js';
import { shapeOf, type TreeShape } from './tree-shape.js';

/** What is folded of the records of trees: the same object for all segments where it is the same. */
export interface TreeFold {
  readonly keys: KnownKeys;
  readonly specs: readonly JsonObject[];
  readonly aggregators: readonly Aggregator[];
  /** By aggregator of the query: which of these come next, and what they give. */
  readonly gives: readonly RecordFold['gives'][];
}

/** How a star-tree of a segment answers a query. */
export interface TreePlan {
  readonly tree: number;
  readonly expected: ExpectedRecords;
  readonly wanted: WantedParts;
  readonly shape: ShapePlan;
  /** By dimension: whether records have to have a code of it. */
  readonly isRead: readonly boolean[];
  /** What the query sees of the segment. */
  readonly seen: readonly SeenBuckets[];
  /** The position of `__time`; -1 where it is no dimension. */
  readonly time: number;
  /** Whether it has to be known when exactly the first row was seen, which no record tells. */
  readonly wantsFirstTime: boolean;
}

/** What a question comes to in trees that look alike: one object for all of these. */
export interface ShapePlan {
  readonly fold: TreeFold;
  readonly virtualColumns: readonly VirtualColumn[];
  /** All have to hold. */
  readonly conjuncts: readonly Filter[];
  /** By dimension: those of them that read nothing else. */
  readonly conditions: readonly (readonly Filter[])[];
  /** By dimension: whether records have to have a code of it where all rows are seen. */
  readonly isRead: readonly boolean[];
  /** What is computed of `__time` changes with these alone. */
  readonly grains: Grains;
  readonly mustHold: readonly RowsTest[];
  /** Columns that are read whether or not intervals cut the segment. */
  readonly columns: readonly string[];
}

/** A tree of a file that answers a query where the query's intervals allow it. */
interface Fitting {
  readonly entry: TreeEntry;
  readonly tree: number;
  readonly granularity: Granularity | null;
  /** The position of `__time`; -1 where it is no dimension. */
  readonly time: number;
  readonly shape: ShapePlan;
  readonly wanted: WantedParts;
  /** Where the intervals see all rows; more where they do not. */
  readonly expected: ExpectedRecords;
}

/** The same of one part, however few of its rows indexes leave. */
export function planTree(
  query: NativeQuery,
  groups: GroupPlan | null,
  planned: PlannedPart,
  types: TypesOf,
): TreePlan | null {
  if (!query.context.useStarTree || groups === null) return null;
  return new TreePlanner(query, groups, types).plan(planned, Number.POSITIVE_INFINITY);
}

/**
 * Plans the reading of trees: what does not depend on the segment is worked out once, and what does not depend on intervals once
 * for each file. Of a query it knows nothing but what `questionOf` spells out.
 */
export class TreePlanner {
  readonly #plans = new Map<string, ShapePlan | null>();
  readonly #folds = new Map<string, TreeFold>();
  /** By file: those that take least first. */
  readonly #fitting = new WeakMap<PartFacts, readonly Fitting[]>();
  /** By file: about so many rows a scan of all of its times would read. */
  readonly #rows = new WeakMap<PartFacts, number>();
  readonly #indexes: WantedIndexes;
  readonly #conjuncts: readonly Filter[];
  readonly #virtualColumns: readonly VirtualColumn[];
  readonly #keys: KnownKeys;
  readonly #names: QueryNames;
  readonly #virtual: ReadonlySet<string>;
  /** Of a timeseries or topN of one bucket it is shown when its first row was. */
  readonly #showsFirstTime: boolean;

  constructor(
    query: NativeQuery,
    private readonly groups: GroupPlan,
    private readonly types: TypesOf,
  ) {
    const { filter, virtualColumns, queryType } = query;
    this.#indexes = new WantedIndexes(query);
    this.#conjuncts = filter === null ? [] : conjunctsOf(filter);
    this.#virtualColumns = virtualColumns;
    this.#keys = knownKeys(groups, virtualColumns, types);
    this.#names = new QueryNames(virtualColumns);
    this.#virtual = new Set(virtualColumns.map(({ name }) => name));
    this.#showsFirstTime = groups.granularity.kind === 'all' && queryType !== 'groupBy';
  }

  /**
   * The tree of a part that answers the query as its rows do, of several that which takes least; null where there is none that takes
   * less than `mostRows`: if nothing is said, those that a scan would read.
   */
  plan(planned: PlannedPart, mostRows?: number): TreePlan | null {
    const { facts } = planned.part;
    if (facts === null || facts.trees.length === 0) return null;
    let best: TreePlan | null = null;
    let least = mostRows ?? this.#rowsOf(planned.part, facts);
    for (const fitting of this.#fittingOf(planned.part, facts)) {
      if (fitting.expected.cost >= least) break;
      const seen = seenBuckets(planned, fitting.granularity);
      if (seen === null || seen.length === 0) continue;
      const plan = this.#planOf(fitting, seen, facts);
      if (plan.expected.cost >= least) continue;
      best = plan;
      least = plan.expected.cost;
    }
    return best;
  }

  /** Those that are looked at, or where there are more, those on the lists that tell which these are. */
  #rowsOf(part: PlannedPart['part'], facts: PartFacts): number {
    const known = this.#rows.get(facts);
    if (known !== undefined) return known;
    const { mostRows, listedRows } = this.#indexes.of(part);
    const rows = Math.max(mostRows, listedRows);
    this.#rows.set(facts, rows);
    return rows;
  }

  #planOf(fitting: Fitting, seen: readonly SeenBuckets[], facts: PartFacts): TreePlan {
    const { entry, tree, time, shape, wanted } = fitting;
    const isCut = !seesAll(seen);
    const isRead = isCut ? shape.isRead.with(time, true) : shape.isRead;
    const expected = isCut
      ? expectedRecords(entry, this.#reads({ isRead, conditions: shape.conditions }, facts))
      : fitting.expected;
    const wantsFirstTime = this.#showsFirstTime && cutsStart(seen);
    return { tree, expected, wanted, shape, isRead, seen, time, wantsFirstTime };
  }

  #fittingOf(part: PlannedPart['part'], facts: PartFacts): readonly Fitting[] {
    const known = this.#fitting.get(facts);
    if (known !== undefined) return known;
    const found = facts.trees.flatMap((_, i) => this.#fits(part, facts, i) ?? []);
    found.sort((a, b) => a.expected.cost - b.expected.cost);
    this.#fitting.set(facts, found);
    return found;
  }

  #fits(part: PlannedPart['part'], facts: PartFacts, tree: number): Fitting | null {
    const entry = facts.trees[tree]!;
    const treeShape = shapeOf(entry, facts);
    const shape = this.#ofShape(treeShape);
    if (shape === null) return null;
    const ofRows = factsOfPart(part, this.types);
    if (!shape.mustHold.every((holds) => holds(ofRows))) return null;
    if (!shape.grains.every((grain) => isWithin(entry, treeShape, grain, part))) return null;
    const indexes = [{ column: entry.columns[0]!.name, kind: STAR_NODES }];
    return {
      entry,
      tree,
      granularity: treeShape.granularity,
      time: treeShape.positions.get('__time') ?? -1,
      shape,
      wanted: { tree, columns: shape.columns, indexes },
      expected: expectedRecords(entry, this.#reads(shape, facts)),
    };
  }

  #ofShape(shape: TreeShape): ShapePlan | null {
    const known = this.#plans.get(shape.key);
    if (known !== undefined) return known;
    const made = this.#planShape(shape);
    this.#plans.set(shape.key, made);
    return made;
  }

  #planShape(shape: TreeShape): ShapePlan | null {
    const { groups, types } = this;
    const reads = new Set<number>();
    const grains: Grains[number][] = [];
    const conditions = shape.dimensions.map((): Filter[] => []);
    const positionsOf = (names: readonly string[]) => this.#positionsOf(shape, grains, names);
    const read = (names: readonly string[]): boolean => {
      const positions = positionsOf(names);
      for (const position of positions ?? []) reads.add(position);
      return positions !== null;
    };
    const time = shape.positions.get('__time');
    if (groups.granularity.kind !== 'all') {
      if (shape.granularity === null) return null;
      reads.add(time!);
      grains.push(groups.granularity);
    }
    if (!groups.dimensions.every(({ inputs }) => read(inputs))) return null;
    for (const filter of this.#conjuncts) {
      const positions = positionsOf(filter.inputs);
      if (positions === null) return null;
      for (const position of positions) reads.add(position);
      const [position, ...others] = positions;
      if (position !== undefined && others.length === 0) conditions[position]!.push(filter);
    }
    const folds = new RecordFolds(shape, { types, virtual: this.#virtual, positionsOf });
    const found = groups.aggregations.map((aggregator) => folds.of(aggregator));
    if (found.includes(null)) return null;
    const fold = this.#foldOf(found as RecordFold[]);
    for (const each of found) for (const position of each!.reads) reads.add(position);
    const metrics = fold.aggregators.flatMap(({ inputs }) => inputs);
    const dimensions = Array.from(reads, (position) => shape.dimensions[position]!);
    return {
      fold,
      virtualColumns: this.#virtualColumns,
      conjuncts: this.#conjuncts,
      conditions,
      isRead: shape.dimensions.map((_, i) => reads.has(i)),
      grains,
      mustHold: found.flatMap((each) => each!.mustHold),
      columns: [...new Set(['__time', ...dimensions, ...metrics])],
    };
  }

  #foldOf(found: readonly RecordFold[]): TreeFold {
    const specs = found.flatMap((each) => each.specs);
    const gives = found.map((each) => each.gives);
    const key = stringifyJson([specs, gives]);
    const known = this.#folds.get(key);
    if (known !== undefined) return known;
    const aggregators = specs.map((spec, i) => parseAggregator(spec, `aggregations[${i}]`));
    const fold = { keys: this.#keys, specs, aggregators, gives };
    this.#folds.set(key, fold);
    return fold;
  }

  /** The dimensions behind names; null where something else is. Adds to `grains` what has to be whole in the buckets of the trees. */
  #positionsOf(
    { positions, types, granularity }: TreeShape,
    grains: Grains[number][],
    names: readonly string[],
  ): readonly number[] | null {
    const stored = this.#names.storedBehind(names);
    if (readsTimeAlone(stored)) {
      const found = granularity === null ? null : grainsOf(this.#names, names);
      if (found === null) return null;
      grains.push(...found);
      return [positions.get('__time')!];
    }
    const found: number[] = [];
    for (const name of stored) {
      const position = positions.get(name);
      if (position === undefined || name === '__time') return null;
      const type = types[position]!;
      // What a segment's rows are read as differs from what they are.
      if (isCast(type, this.types.get(name) ?? type)) return null;
      found.push(position);
    }
    return found;
  }

  #reads(
    { isRead, conditions }: Pick<ShapePlan, 'isRead' | 'conditions'>,
    facts: PartFacts,
  ): DimensionReads {
    const described = (name: string) => (this.#virtual.has(name) ? undefined : facts.column(name));
    const shares = conditions.map((filters) =>
      filters.reduce((share, filter) => share * shareOf(described, filter), 1),
    );
    return { isRead, shares };
  }
}

type Times = Pick<PlannedPart['part'], 'minTimeMs' | 'maxTimeMs'>;

/** By tree, by granularity: whether buckets are within its own. Rows of a file do not change. */
const known = new WeakMap<TreeEntry, Map<string, boolean>>();

/** Whether nothing that changes with buckets of a granularity only changes within one of the tree's. */
function isWithin(
  tree: TreeEntry,
  { granularity }: TreeShape,
  grain: Grains[number],
  times: Times,
): boolean {
  if (!('spec' in grain)) return areWhole(granularity!, grain, times);
  const answers = known.get(tree) ?? new Map<string, boolean>();
  known.set(tree, answers);
  const key = stringifyJson(grain.spec);
  const answer = answers.get(key) ?? areWhole(granularity!, grain, times);
  answers.set(key, answer);
  return answer;
}

const MOST_BUCKETS = 100_000;

function areWhole(
  own: Granularity,
  grain: Grains[number],
  { minTimeMs, maxTimeMs }: Times,
): boolean {
  let start = own.bucketStart(minTimeMs);
  for (let count = 0; start <= maxTimeMs; count++) {
    const next = own.nextBucket(start);
    if (grain.bucketStart(start) !== grain.bucketStart(next - 1) || count > MOST_BUCKETS)
      return false;
    start = next;
  }
  return true;
}
