import type { Filter, Ternary, TextTest } from '../../model/index.js';
import { type CodeRange, type CodeSet, codesBelow, hasCode } from './code-set.js';
import type { CodeColumn, CodeSource, Columns } from './columns.js';
import { codesOfFilter, codesOfSource, codesOfTexts } from './filter-codes.js';
import type { KernelBuilder } from './kernel-builder.js';
import { codeOf, codeOfAll } from './numbers.js';
import { ALWAYS, allOf, anyOf, nullMask, rangeMask, type Test, tableTest } from './tests.js';
import { lowerText } from './text-choices.js';
import { type Code, get, op } from './wasm/code.js';

/** A filter over one column of codes. */
export const perCode = (
  columns: Columns,
  filter: Filter,
  column: CodeColumn,
  wanted: Ternary,
): Test => codesTest(column, codesOfFilter(columns, filter, column, wanted));

/** A filter over several columns whose combinations are few: the interpreter is asked once for each. */
export function perCombination(columns: Columns, filter: Filter, wanted: Ternary): Test | null {
  const few = columns.fewCodes(filter.inputs);
  if (few === null) return null;
  return codesPassing(columns, filter, wanted, {
    size: few.reduce((all, { size }) => all * size, 1),
    code: (kernel) => codeOfAll(kernel, few),
    source: columns.overAll(few),
  });
}

/** A filter over a text that is chosen among several columns: the interpreter is asked once per code. */
export function perChoice(columns: Columns, filter: Filter, wanted: Ternary): Test | null {
  const [name, ...others] = filter.inputs;
  if (name === undefined || others.length > 0) return null;
  const text = lowerText(columns, name);
  if (text === null) return null;
  const { size, code } = text;
  return codesPassing(columns, filter, wanted, { size, code, source: text.source() });
}

/** Codes that are computed. */
interface Computed {
  readonly size: number;
  readonly code: (kernel: KernelBuilder) => Code;
  readonly source: CodeSource;
}

function codesPassing(
  columns: Columns,
  filter: Filter,
  wanted: Ternary,
  { size, code, source }: Computed,
): Test {
  const set = codesOfSource(columns, filter, size, source, wanted);
  if (set.kind === 'table') return tableTest(code, set.table);
  return anyOf(set.ranges.map((range) => codeWithin(code, range)));
}

const codeWithin = (code: Computed['code'], { from, to }: CodeRange): Test => ({
  kind: 'rows',
  row: (kernel) =>
    op(
      'i32.lt_u',
      op('i32.sub', code(kernel), get(kernel.constant('i32', from))),
      get(kernel.constant('i32', to - from)),
    ),
});

/** A filter over a dictionary of texts, by their bytes; null where they are not at hand. */
export function textsTest(
  columns: Columns,
  filter: Filter,
  test: TextTest,
  column: CodeColumn,
  wanted: Ternary,
): Test | null {
  const set = codesOfTexts(columns, filter, test, column, wanted);
  return set === null ? null : codesTest(column, set);
}

/** The cheapest test of codes: none, all, some ranges, or a look into the table. */
function codesTest(column: CodeColumn, set: CodeSet): Test {
  const { scan, nullCode } = column;
  if (nullCode !== null) return withNulls(column, set, nullCode);
  if (set.kind === 'table') return tableTest((kernel) => codeOf(kernel, column), set.table);
  return anyOf(
    set.ranges.map(({ from, to }) => {
      if (to - from === column.size) return ALWAYS;
      return rangeMask(scan.address, scan.width as 1 | 2 | 4, from, to - from - 1);
    }),
  );
}

/** Numbers by their deltas, nulls by their bitmap. */
function withNulls(column: CodeColumn, set: CodeSet, nullCode: number): Test {
  const nulls = column.scan.nulls!;
  const bare = { ...column, nullCode: null, size: nullCode };
  const numbers = codesTest(bare, codesBelow(set, nullCode));
  const validNumbers = allOf([nullMask(nulls, 'valid'), numbers]);
  return hasCode(set, nullCode) ? anyOf([nullMask(nulls, 'null'), validNumbers]) : validNumbers;
}
