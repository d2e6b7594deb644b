import { invariant, type JsonObject } from '../../core/index.js';
import type { GroupBlocks } from '../../query/compiler/group-blocks.js';
import type { Strategy } from '../../query/compiler/layout.js';
import { mergeCapacity, partitionRanges } from '../../query/compiler/merge-plan.js';
import { compiledGroups, mergedGroups } from '../../query/compiler/scan-groups.js';
import { scanEngineOf } from '../../query/engines/registry.js';
import type { GroupPartial } from '../../query/interpreter/group-partial.js';
import type { GroupPlan } from '../../query/interpreter/group-rows.js';
import { stateReader } from '../../query/interpreter/state-column.js';
import type { RowRange, ScanTarget } from '../../query/interpreter/target.js';
import { openScan } from '../../query/interpreter/walk.js';
import type { AggregationQuery } from '../../query/native/query.js';
import { parseNativeQuery } from '../../query/native/registry.js';
import type { Segment } from '../../segments/index.js';

const MANY_GROUPS = 1e7;
const SLOT = { index: 0, count: 1 };

/** A groupBy over a segment, by a kernel of one strategy in this thread. */
export class CompiledScan {
  readonly #query: AggregationQuery;
  readonly #plan: GroupPlan;

  constructor(
    private readonly segment: Segment,
    fields: JsonObject,
    private readonly strategy: Strategy,
  ) {
    const base = { queryType: 'groupBy', dataSource: 't', granularity: 'all', dimensions: [] };
    const query = parseNativeQuery({ ...base, intervals: '1970/1971', ...fields });
    invariant(query.queryType === 'groupBy', 'a groupBy');
    this.#query = query;
    this.#plan = scanEngineOf(query)!.groups(query)!;
  }

  run(): GroupPartial {
    const found = this.#scan(this.#target({ from: 0, to: this.segment.rowCount }, 'never'));
    invariant(found.kind === 'groups', 'groups were asked for');
    return found;
  }

  /** The groups of ranges of rows, as workers give them. */
  blocks(rangeCount: number): readonly GroupBlocks[] {
    const rows = Math.ceil(this.segment.rowCount / rangeCount);
    return Array.from({ length: rangeCount }, (_, i) => {
      const range = { from: i * rows, to: Math.min(this.segment.rowCount, (i + 1) * rows) };
      const found = this.#scan(this.#target(range, 'always'));
      invariant(found.kind === 'blocks', 'blocks were asked for');
      return found;
    });
  }

  /** One partial for each part that fits in the room there is. */
  merge(found: readonly GroupBlocks[]): GroupPartial[] {
    const { layout } = found[0]!;
    const blocks = found.flatMap((each) => each.blocks);
    const target = this.#target({ from: 0, to: 0 }, 'never');
    const merge = { query: this.#query, plan: this.#plan, target, layout, blocks };
    const capacity = mergeCapacity(this.segment.scanMemory!, SLOT.count, layout);
    return partitionRanges(blocks, capacity, layout).map((range) =>
      mergedGroups(merge, range, ({ partial }) => partial(null)),
    );
  }

  /** What the only aggregator comes to, added up over the groups. */
  total(partials: readonly GroupPartial[]): number {
    const [aggregator] = this.#plan.aggregations;
    let total = 0;
    for (const { groupCount, states } of partials) {
      const read = stateReader(states[0]!);
      for (let group = 0; group < groupCount; group++) {
        total += Number(aggregator!.finalise(aggregator!.decode(read(group))));
      }
    }
    return total;
  }

  #scan(target: ScanTarget) {
    const scan = openScan(target, this.#query.virtualColumns);
    const { strategy } = this;
    const found = compiledGroups(scan, this.#query, this.#plan, { strategy, fewGroups: -1 });
    invariant(found !== null, 'the plan is compiled');
    return found;
  }

  #target(extent: RowRange, givesBlocks: ScanTarget['givesBlocks']): ScanTarget {
    return {
      segment: this.segment,
      extent,
      ranges: () => [extent],
      spans: this.#query.intervals,
      limits: { maxGroups: MANY_GROUPS, maxRows: 0 },
      scratchSlot: SLOT,
      givesBlocks,
      checkCancelled: () => undefined,
    };
  }
}
