import type { Long } from '../../core/index.js';
import {
  castValue,
  freeNames,
  type LookupTable,
  lookupNamed,
  type Node,
} from '../../model/index.js';
import { CodeCache } from './code-cache.js';
import { codeTableOf } from './code-tables.js';
import type { CodeColumn, Columns } from './columns.js';
import type { KernelBuilder } from './kernel-builder.js';
import { longCode } from './long-codes.js';
import { LookupCodes } from './lookup-codes.js';
import { codeOf, type Num, tableNumber } from './numbers.js';
import { add, type Code, get, load, shl } from './wasm/code.js';

type Call = Extract<Node, { kind: 'call' }>;
type LowerNumber = (node: Node) => Num | null;

/** What a lookup has for the key of the current row, as a code in [0, size): 0 where it has nothing, else one for each distinct value. */
export interface LookedUp {
  readonly size: number;
  readonly code: (kernel: KernelBuilder) => Code;
  readonly text: (code: number) => string | null;
  /** The text of code 0. */
  readonly missing: string | null;
  readonly codes: LookupCodes;
}

/** Of a column with no more codes than this, or so much fewer than the lookup has pairs, each is soon interpreted: kernels look into one table then. */
const FEW_CODES = 4096;
const FEWER_CODES = 8;

/** A call of `lookup` by a LONG or by a column of texts; null where its key has to be interpreted, or has but few codes. */
export function lowerLookup(
  columns: Columns,
  args: readonly Node[],
  lower: LowerNumber,
): LookedUp | null {
  const [key, name, other] = args;
  const missing = other === undefined ? null : textOf(other);
  const named = textOf(name!);
  if (missing === undefined || !named) return null;
  const table = lookupNamed(named);
  const column = columns.onlyCodes(freeNames(key!));
  const isSoon = (size: number) => size <= FEW_CODES || size * FEWER_CODES < table.size;
  if (column !== null && isSoon(column.size)) return null;
  const code = longKey(key!, table, lower) ?? textKey(columns, key!, table);
  if (code === null) return null;
  const codes = LookupCodes.of(table);
  const text = (each: number) => (each === 0 ? missing : codes.text(each));
  return { size: codes.size, code, text, missing, codes };
}

/** Of a literal; undefined for what is none. */
const textOf = (node: Node): string | null | undefined =>
  node.kind === 'literal' && (node.type === 'STRING' || node.type === null)
    ? (node.value as string | null)
    : undefined;

/** A LONG is looked up as it is: no text is made of it. */
function longKey(key: Node, table: LookupTable, lower: LowerNumber): LookedUp['code'] | null {
  const isText = key.kind === 'call' && key.name === 'cast' && textOf(key.args[1]!) === 'STRING';
  const num = lower(isText ? key.args[0]! : key);
  if (num === null || num.type !== 'LONG' || num.isUntyped) return null;
  const { longs } = LookupCodes.of(table);
  return (kernel) => longCode(kernel, num, longs);
}

/** A dictionary: each of its texts is looked up once, by its bytes. */
function textKey(columns: Columns, key: Node, table: LookupTable): LookedUp['code'] | null {
  if (key.kind !== 'identifier' || columns.virtual(key.name) !== null) return null;
  const column = columns.codes(key.name);
  if (column === null || column.multiValue || columns.textBytes(column) === null) return null;
  const found = codesByText(columns, column, table);
  const bytes = new Uint8Array(found.buffer, found.byteOffset, found.byteLength);
  return (kernel) =>
    load('i32.load', add(get(kernel.table(bytes)), shl(codeOf(kernel, column), 2)));
}

/** Of this thread. */
const byText = new CodeCache<Uint32Array>(({ byteLength }) => byteLength);

function codesByText(columns: Columns, column: CodeColumn, table: LookupTable): Uint32Array {
  const { size, name } = column;
  const make = (earlier: Uint32Array | null): Uint32Array => {
    const codes = LookupCodes.of(table);
    const found = new Uint32Array(size);
    if (earlier !== null) found.set(earlier);
    columns.textBytes(column, earlier?.length ?? 0)!.each((code, bytes, from, to) => {
      found[code] = codes.codeOf(bytes, from, to);
    });
    return found;
  };
  // A dictionary may have grown: the codes that were there mean the same.
  return byText.get(
    columns.segment,
    JSON.stringify([name, table.contentId]),
    make,
    ({ length }) => length >= size,
  );
}

/** A lookup whose values are cast to numbers; null for anything else. */
export function lookedUpNumber(
  columns: Columns,
  node: Node,
  type: string,
  lower: LowerNumber,
): Num | null {
  const call = lookupCall(node);
  if (call === null || (type !== 'LONG' && type !== 'DOUBLE')) return null;
  const found = lowerLookup(columns, call.args, lower);
  if (found === null) return null;
  const { size, text, missing, codes } = found;
  const name = JSON.stringify([type, missing]);
  const numberOf = (_: unknown, code: number) =>
    castValue(text(code), 'STRING', type) as Long | null;
  const table =
    codes.numbers.get(name) ?? codeTableOf(type, Array.from({ length: size }, numberOf));
  codes.numbers.set(name, table);
  return tableNumber(found.code, table);
}

export const lookupCall = (node: Node | undefined): Call | null =>
  node?.kind === 'call' && node.name === 'lookup' ? node : null;
