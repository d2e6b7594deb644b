import {
  compileNode,
  type Filter,
  freeNames,
  type Node,
  type RowSource,
  type Ternary,
} from '../../model/index.js';
import type { Columns } from './columns.js';
import type { Num } from './numbers.js';
import type { Test } from './tests.js';
import { type Grains, grainsOf, grainsOfNode, readsTimeAlone } from './time-pieces.js';
import { op } from './wasm/code.js';

/** What is computed from `__time` alone is computed once for a run of rows, by the interpreter. */

/** A number; null when it may change with every row, or is none. */
export function numberPerRun(columns: Columns, node: Node): Num | null {
  if (!readsTimeAlone(columns.storedBehind(freeNames(node)))) return null;
  const grains = grainsOfNode(columns, node);
  if (grains === null) return null;
  const { type } = compileNode(node, columns.rows().source);
  if (type !== 'LONG' && type !== 'DOUBLE') return null;
  const { runs } = columns;
  const read = (source: RowSource) => {
    const reader = compileNode(node, source);
    return () => reader.get() as number | bigint | null;
  };
  const bits = runs.add(grains, (source) => {
    const number = read(source);
    return type === 'LONG' ? () => BigInt(number() ?? 0) : () => doubleBits(Number(number()));
  });
  const known = runs.add([], (source) => {
    const number = read(source);
    return () => (number() === null ? 0n : 1n);
  });
  return {
    type,
    value: (kernel) => (type === 'LONG' ? bits(kernel) : op('f64.reinterpret_i64', bits(kernel))),
    valid: (kernel) => op('i32.wrap_i64', known(kernel)),
  };
}

const doubleBits = (value: number): bigint => new BigInt64Array(Float64Array.of(value).buffer)[0]!;

/** A filter: all rows of a run, or none. Null when it may change with every row. */
export function testPerRun(columns: Columns, filter: Filter, wanted: Ternary): Test | null {
  const grains = grainsOfFilter(columns, filter);
  if (grains === null) return null;
  const mask = columns.runs.add(grains, (source) => {
    const predicate = filter.predicate(source);
    return () => (predicate() === wanted ? -1n : 0n);
  });
  return { kind: 'mask', mask };
}

const grainsOfFilter = (columns: Columns, { form, inputs }: Filter): Grains | null =>
  form?.kind === 'expression'
    ? grainsOfNode(columns, form.expression.tree)
    : grainsOf(columns, inputs);
