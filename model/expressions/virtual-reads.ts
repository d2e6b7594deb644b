import { UserError } from '../../core/index.js';
import { rowColumn } from '../json/path-column.js';
import { childrenOf, type Node } from './ast.js';
import type { VirtualColumn } from './virtual-column.js';

/** As many columns may be read for one value of a virtual column, those that are read for the others counted each time. */
const READS_MAX = 100_000;

/**
 * Refuses virtual columns that would be computed from one another without end: of forty, each of which reads the one
 * before twice, the last reads the first 2^39 times. Columns that read themselves are found when they are opened.
 */
export function checkVirtualReads(columns: readonly VirtualColumn[], field: string): void {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const reads = new Map<string, number>();
  const readsOf = (name: string): number => {
    const column = byName.get(rowColumn(name));
    if (column === undefined) return 1;
    const known = reads.get(column.name);
    if (known !== undefined) return known;
    // Also ends the walk over columns that read themselves.
    reads.set(column.name, 1);
    const total = namesOf(column).reduce((sum, input) => sum + readsOf(input), 1);
    reads.set(column.name, total);
    return total;
  };
  for (const { name } of columns) {
    if (readsOf(name) <= READS_MAX) continue;
    throw new UserError(
      `${field}: the virtual column ${name} reads more than ${READS_MAX} columns, those of the columns it reads included; let fewer read one another twice`,
      'query',
      field,
    );
  }
}

/** The columns that it reads, as often as it does. */
const namesOf = ({ expression, inputs }: VirtualColumn): readonly string[] =>
  expression === null ? inputs : [...identifiers(expression.tree)];

function* identifiers(node: Node): Generator<string> {
  if (node.kind === 'identifier') yield node.name;
  for (const child of childrenOf(node)) yield* identifiers(child);
}
