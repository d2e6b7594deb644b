import { type Rex, rexKey } from '../algebra/rex.js';
import type { ExpressionNode, GroupItemNode } from '../parser/ast.js';
import { planError } from '../position.js';

/** More grouping sets than this are refused: each is a query of its own. */
const MAX_SETS = 1024;

interface GroupNames {
  /** The select item at a place counted from 1; null when there is none. */
  item(ordinal: number): Rex | null;
  alias(name: string): Rex | null;
  rex(node: ExpressionNode): Rex;
}

interface Groups {
  readonly groups: readonly Rex[];
  readonly sets: readonly (readonly number[])[] | null;
}

/** The distinct grouping expressions, and the grouping sets as lists of their indexes. */
export function analyseGroups(items: readonly GroupItemNode[], names: GroupNames): Groups {
  const groups: Rex[] = [];
  const known: string[] = [];
  const indexOf = (node: ExpressionNode): number => {
    const rex = groupRex(node, names);
    const key = rexKey(rex);
    const index = known.indexOf(key);
    if (index >= 0) return index;
    known.push(key);
    return groups.push(rex) - 1;
  };
  // Several items multiply: every set of one with every set of the next.
  let sets: number[][] = [[]];
  for (const item of items) {
    const parts =
      item.kind === 'groupingSets'
        ? item.sets.map((set) => set.map(indexOf))
        : item.kind === 'row'
          ? [item.elements.map(indexOf)]
          : [[indexOf(item)]];
    sets = sets.flatMap((set) =>
      parts.map((part) => [...new Set([...set, ...part])].sort((a, b) => a - b)),
    );
    if (sets.length > MAX_SETS)
      throw planError(`More than ${MAX_SETS} grouping sets`, item.position);
  }
  return { groups, sets: sets.length === 1 ? null : sets };
}

function groupRex(node: ExpressionNode, names: GroupNames): Rex {
  if (node.kind === 'literal' && node.type === 'integer') {
    const rex = names.item(Number(node.value));
    if (rex === null) throw planError(`Ordinal ${node.value} is out of range`, node.position);
    return refuseAggregate(rex);
  }
  if (node.kind === 'identifier' && node.parts.length === 1) {
    const rex = names.alias(node.parts[0]!);
    if (rex !== null) return refuseAggregate(rex);
  }
  return names.rex(node);
}

function refuseAggregate(rex: Rex): Rex {
  if (rex.kind !== 'aggregate') return rex;
  throw planError(`Aggregate ${rex.call.fn.name} cannot stand in GROUP BY`, rex.position);
}
