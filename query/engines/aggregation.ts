import { rowColumn } from '../../model/index.js';
import type { GroupBlocks } from '../compiler/group-blocks.js';
import { compiledGroups } from '../compiler/scan-groups.js';
import { rowSelector } from '../compiler/select-rows.js';
import { indexedGroups, isWorthAKernel } from '../filter/indexed-rows.js';
import { encodeGroups, type GroupPartial } from '../interpreter/group-partial.js';
import { type GroupPlan, RowGrouper } from '../interpreter/group-rows.js';
import type { ScanTarget } from '../interpreter/target.js';
import { openScan, walk } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';

/** The one scan of timeseries, topN and groupBy: rows into groups, few of them one by one, else by a compiled kernel where there can be one.
 * Null where the groups went to what the target shares with others. */
export function scanGroups(
  query: BaseQuery,
  plan: GroupPlan,
  target: ScanTarget,
): GroupPartial | GroupBlocks | null {
  const scan = openScan(target, query.virtualColumns);
  const few = indexedGroups(scan, query, plan);
  if (few !== null) return few === 'shared' ? null : few;
  const compiled = isWorthAKernel(target.segment, query) ? compiledGroups(scan, query, plan) : null;
  if (compiled !== null) return compiled;
  const grouper = new RowGrouper(scan, plan);
  const { visible, rowsScanned } = walk(scan, rowSelector(scan, query), () => grouper.add());
  return encodeGroups(grouper.table, plan.aggregations, visible, rowsScanned);
}

/** The physical columns behind `used`, a virtual column standing for what it reads. */
export function physicalInputs(query: BaseQuery, used: Iterable<string>): string[] {
  const virtual = new Map(query.virtualColumns.map((column) => [column.name, column]));
  const seen = new Set<string>();
  const leadsIntoVirtual = (name: string) => virtual.has(rowColumn(name));
  const follow = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const input of virtual.get(name)?.inputs ?? []) follow(input);
    if (leadsIntoVirtual(name)) follow(rowColumn(name));
  };
  for (const name of used) follow(name);
  for (const name of query.filter?.inputs ?? []) follow(name);
  return [...seen].filter((name) => name !== '__time' && !leadsIntoVirtual(name));
}
