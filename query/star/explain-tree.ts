import { stringifyJson } from '../../core/index.js';
import { type Aggregator, ALL_GRANULARITY } from '../../model/index.js';
import type { TreeEntry } from '../../segments/index.js';
import { conjunctsOf } from '../filter/conjuncts.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { NativeQuery } from '../native/query.js';
import type { TypesOf } from '../plan/column-facts.js';
import type { PlannedPart } from '../plan/prune.js';
import { QueryNames } from '../plan/query-names.js';
import { planTree, type TreePlan } from './plan-tree.js';
import type { StarTreeSummary } from './tree-summary.js';

/** Adds what becomes of a part: which tree of it is read, or why its rows are. */
export function tellOfTree(
  summary: StarTreeSummary,
  tree: TreePlan | null,
  query: NativeQuery,
  groups: GroupPlan | null,
  planned: PlannedPart,
  types: TypesOf,
): void {
  if (tree === null) {
    summary.refuse(planned, reasonsAgainstTrees(query, groups, planned, types));
  } else {
    summary.use(planned, tree.tree, Math.max(1, Math.round(tree.expected.records)));
  }
}

/**
 * Why no star-tree of a part answers a query: of each tree, what stands in the way. The planner is asked again about each piece
 * of the query alone, so that it and the explanation cannot disagree. Call it where there is no plan.
 */
function reasonsAgainstTrees(
  query: NativeQuery,
  groups: GroupPlan | null,
  planned: PlannedPart,
  types: TypesOf,
): string[] {
  const { facts, holder } = planned.part;
  if (!query.context.useStarTree) return ['turned off by useStarTree'];
  if (groups === null) return [`${query.queryType} reads rows`];
  if (holder !== undefined) return ['another node has it, and tells when the query runs'];
  if (facts === null) return ['its rows are not published'];
  if (facts.trees.length === 0) return ['it has no star-tree'];
  if (planTree(query, groups, planned, types) !== null) {
    return ['indexes leave fewer rows than a star-tree has records'];
  }
  return facts.trees.flatMap((tree, number) => {
    const part = { ...planned.part, facts: { ...facts, trees: [tree] } };
    const pieces = new QueryPieces(query, groups, { ...planned, part }, types);
    return pieces.reasons(tree).map((reason) => `tree ${number} ${reason}`);
  });
}

class QueryPieces {
  readonly #names: QueryNames;
  readonly #nothing: GroupPlan;

  constructor(
    private readonly query: NativeQuery,
    private readonly groups: GroupPlan,
    private readonly planned: PlannedPart,
    private readonly types: TypesOf,
  ) {
    this.#names = new QueryNames(query.virtualColumns);
    this.#nothing = {
      ...groups,
      granularity: ALL_GRANULARITY,
      dimensions: [],
      aggregations: [],
    };
  }

  reasons(tree: TreeEntry): string[] {
    if (!this.#fits({})) {
      return [missingOf(tree, ['__time']) ?? 'has buckets of __time that an interval cuts'];
    }
    const found = new Set(this.#unfit(tree));
    return found.size === 0 ? ['does not answer all of it together'] : [...found];
  }

  *#unfit(tree: TreeEntry): Generator<string> {
    const { query, groups } = this;
    const { granularity, dimensions, aggregations } = groups;
    const missing = (names: readonly string[]): string | null =>
      missingOf(tree, this.#behind(names));
    if (!this.#fits({ granularity })) {
      yield missing(['__time']) ?? `has buckets of __time that ${shown(granularity.spec)} cuts`;
    }
    for (const dimension of dimensions) {
      if (this.#fits({ dimensions: [dimension] })) continue;
      yield missing(dimension.inputs) ?? `cannot group by "${dimension.outputName}"`;
    }
    for (const filter of query.filter === null ? [] : conjunctsOf(query.filter)) {
      if (this.#fits({}, { ...query, filter })) continue;
      yield missing(filter.inputs) ?? `cannot test ${shown(filter.spec)}`;
    }
    for (const aggregator of aggregations) {
      if (!this.#fits({ aggregations: [aggregator] })) yield this.#unfolded(aggregator, missing);
    }
  }

  #unfolded(aggregator: Aggregator, missing: (names: readonly string[]) => string | null): string {
    const { form } = aggregator;
    if (form?.kind !== 'filtered') return `lacks ${textOf(aggregator)}`;
    if (!this.#fits({ aggregations: [form.aggregator] })) {
      return this.#unfolded(form.aggregator, missing);
    }
    return missing(form.filter.inputs) ?? `cannot test ${shown(form.filter.spec)}`;
  }

  #fits(groups: Partial<GroupPlan>, query: NativeQuery = { ...this.query, filter: null }): boolean {
    return planTree(query, { ...this.#nothing, ...groups }, this.planned, this.types) !== null;
  }

  #behind(names: readonly string[]): string[] {
    return [...this.#names.storedBehind(names)];
  }
}

/** The columns that are no dimensions of the tree; null where all are. */
function missingOf({ dimensions }: TreeEntry, names: readonly string[]): string | null {
  const missing = names.filter((name) => !dimensions.some((each) => each.name === name));
  if (missing.length === 0) return null;
  const quoted = missing.map((name) => JSON.stringify(name)).join(', ');
  return `has no ${missing.length > 1 ? 'dimensions' : 'dimension'} ${quoted}`;
}

/** As `longMax(added)`. */
const textOf = ({ spec, inputs }: Aggregator): string =>
  `${String(spec.type)}(${inputs.join(', ')})`;

const shown = (spec: unknown): string => (typeof spec === 'string' ? spec : stringifyJson(spec));
