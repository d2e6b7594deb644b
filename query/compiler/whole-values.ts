import {
  JSON_TYPE,
  type Node,
  rowColumn,
  type ValueType,
  type VirtualColumn,
} from '../../model/index.js';
import type { Segment } from '../../segments/index.js';

/** What `json_value(column, '$', type)` reads as a whole. */
interface WholeValue {
  readonly column: string;
  readonly type: string;
}

/** Null for any other expression. Calls at a path read the column of the path (`pathColumn`). */
export function wholeValue(node: Node | undefined): WholeValue | null {
  if (node?.kind !== 'call' || node.name !== 'json_value') return null;
  const [column, path, type] = node.args;
  if (column?.kind !== 'identifier' || path?.kind !== 'literal' || path.value !== '$') return null;
  if (type === undefined) return { column: column.name, type: 'STRING' };
  return type.kind === 'literal'
    ? { column: column.name, type: String(type.value ?? 'STRING').toUpperCase() }
    : null;
}

/** The type of the stored column behind the value, where it holds nothing else than what JSON would. */
export function plainType(segment: Segment, { column }: WholeValue): ValueType | null {
  const described = segment.describe(column);
  if (described === null || described.multiValue) return null;
  const { type } = described;
  // Infinities and NaN are none of JSON.
  const isDouble = type === 'DOUBLE' || type === 'FLOAT' || type === 'ARRAY<DOUBLE>';
  return isDouble && segment.describe(rowColumn(column))?.type !== JSON_TYPE ? null : type;
}

/** The stored column that a virtual one gives as it is; null when it computes something. */
export function aliasOf(
  segment: Segment,
  { expression, outputType }: VirtualColumn,
): string | null {
  const whole = wholeValue(expression?.tree);
  if (whole === null || whole.type !== outputType) return null;
  return plainType(segment, whole) === outputType ? segment.describe(whole.column)!.name : null;
}
