import { FilterSummary, type ToldFilter } from '../filter/filter-summary.js';
import type { QueryContext } from '../native/context.js';
import type { QueryStats } from '../result.js';
import { StarTreeSummary, type ToldTree } from '../star/tree-summary.js';

/** How segments were read, where the context asks for it. */
export interface ToldSummaries {
  readonly filters: readonly ToldFilter[];
  readonly trees: readonly ToldTree[];
}

export const summariesOf = ({ filter, starTrees }: QueryStats): ToldSummaries => ({
  filters: filter?.told() ?? [],
  trees: starTrees?.told() ?? [],
});

/** Adds what other processes told of segments, in the order of these. */
export function addSummaries(
  stats: QueryStats,
  { explainFilter, explainStarTree }: QueryContext,
  told: readonly ToldSummaries[],
  segments: readonly string[],
): void {
  const places = new Map(segments.map((segment, place) => [segment, place]));
  const placeOf = ({ segment }: { readonly segment: string }) => places.get(segment) ?? -1;
  if (explainFilter) {
    stats.filter ??= new FilterSummary();
    const filters = told.flatMap((each) => {
      const parts = each.filters.map(() => ({}));
      return each.filters.map((filter) => ({ ...filter, object: parts[filter.part]! }));
    });
    for (const { object, segment, report } of filters.sort((a, b) => placeOf(a) - placeOf(b))) {
      stats.filter.add(object, segment, report);
    }
  }
  if (explainStarTree) {
    stats.starTrees ??= new StarTreeSummary();
    const trees = told.flatMap((each) => each.trees);
    for (const tree of trees.sort((a, b) => placeOf(a) - placeOf(b))) {
      stats.starTrees.add(tree);
    }
  }
}
