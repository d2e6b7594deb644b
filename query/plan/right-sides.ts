import { invariant, UserError } from '../../core/index.js';
import { isArrayType, isComplexType, LookupTable, lookupOf } from '../../model/index.js';
import type { JobSource, RightRows } from '../executor/executor.js';
import { isExpansion, joinsOf } from '../expansion/sources.js';
import type { GroupRows } from '../interpreter/groups-segment.js';
import { LOOKUP_FIELDS } from '../interpreter/lookup-segment.js';
import { encodeBlock, type RowBlock, toRowBlock } from '../interpreter/rows-segment.js';
import type { DataSource, JoinSource, NativeQuery } from '../native/query.js';
import type { ResultField } from '../result.js';
import type { ScanOptions, ScanResults } from './scan-parts.js';
import { scanBlock } from './scan-rows-in-memory.js';

/** A query whose joins know the columns of their right sides, and the rows of these. */
export interface JoinedQuery {
  readonly query: NativeQuery;
  /** By join, as they follow each other. */
  readonly rights: readonly RightRows[];
}

/** What is on the right of a join: rows that were read, or the pairs of a lookup, where they lie. */
export type RightSide = RowBlock | LookupTable;

/** A query with the right sides of its joins. Throws UserError where one has no column that is a key. */
export function withRights(query: NativeQuery, sides: readonly RightSide[]): JoinedQuery {
  const joins = joinsOf(query.dataSource);
  if (joins.length === 0) return { query, rights: [] };
  for (const [i, join] of joins.entries()) checkKeys(join, fieldsOf(sides[i]!));
  const read = new Map(joins.map((join, i) => [join, sides[i]!]));
  return {
    query: { ...query, dataSource: withColumns(query.dataSource, read) },
    rights: joins.map((join) => rightRows(join, read.get(join)!)),
  };
}

const fieldsOf = (side: RightSide): readonly ResultField[] =>
  side instanceof LookupTable ? LOOKUP_FIELDS : side.fields;

function checkKeys({ condition, prefix }: JoinSource, fields: readonly ResultField[]): void {
  for (const { right } of condition.keys) {
    const type = fields.find(({ name }) => name === right)?.type;
    if (type !== undefined && !isArrayType(type) && !isComplexType(type)) continue;
    const problem =
      type === undefined
        ? `the right side has no column [${right}]; it has [${fields.map(({ name }) => name).join(', ')}]`
        : `the column [${right}] of the right side is ${type}, which cannot be a key`;
    const field = 'dataSource.condition';
    throw new UserError(`${field}: ${prefix}${right}: ${problem}`, 'query', field);
  }
}

function rightRows({ keepsRight }: JoinSource, side: RightSide): RightRows {
  if (!keepsRight) return { source: sourceOf(side), seen: null };
  // Which of its rows came up has to be told row by row.
  const block = side instanceof LookupTable ? toRowBlock(LOOKUP_FIELDS, [...side.entries()]) : side;
  return { source: sourceOf(block), seen: new Uint8Array(new SharedArrayBuffer(block.rowCount)) };
}

function sourceOf(side: RightSide): JobSource {
  if (!(side instanceof LookupTable)) return { kind: 'rows', block: encodeBlock(side) };
  const { contentId, buffer } = side;
  return { kind: 'lookup', handle: { contentId, buffer } };
}

/** Workers are told the columns only: rows come with the jobs. */
function withColumns(source: DataSource, read: ReadonlyMap<JoinSource, RightSide>): DataSource {
  if (!isExpansion(source)) return source;
  const base = withColumns(source.base, read);
  if (source.type !== 'join') return { ...source, base };
  return { ...source, base, right: columnsOnly(fieldsOf(read.get(source)!)) };
}

const columnsOnly = (fields: readonly ResultField[]): DataSource => ({
  type: 'inline',
  fields,
  rows: [],
});

/** Groups as rows. */
export function groupsBlock({ fields, segment, rowCount }: GroupRows): RowBlock {
  const cursor = segment.cursor();
  const columns = fields.map(({ name }) => {
    const { get } = cursor.column(name);
    return Array.from({ length: rowCount }, (_, row) => {
      cursor.row = row;
      return get();
    });
  });
  return { fields, columns, rowCount };
}

/** Rows of the base that are one job: fewer where each of them meets all of a right side. */
export function rowsPerJoinJob(
  rowsPerJob: number,
  { dataSource }: NativeQuery,
  rights: readonly RightRows[],
): number {
  const each = joinsOf(dataSource).reduce((product, { condition }, i) => {
    const { source } = rights[i]!;
    return condition.keys.length === 0 ? product * Math.max(1, rowCountOf(source)) : product;
  }, 1);
  return Math.max(Math.min(rowsPerJob, MIN_ROWS_PER_JOB), Math.ceil(rowsPerJob / each));
}

const MIN_ROWS_PER_JOB = 256;

function rowCountOf(source: JobSource): number {
  if (source.kind === 'rows') return source.block.rowCount;
  return source.kind === 'lookup' ? lookupOf(source.handle).size : 0;
}

/** The results of a scan, and those of the rows of right sides that came up in none of its rows, where joins keep them. */
export async function withRemainders(
  query: NativeQuery,
  scanned: ScanResults,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResults> {
  const joins = joinsOf(query.dataSource);
  if (!joins.some(({ keepsRight }) => keepsRight)) return scanned;
  const results = [...scanned.results];
  for (const [i, join] of joins.entries()) {
    if (!join.keepsRight || options.isEnough(results)) continue;
    const rest = remainderOf(query, join, options.rights[i]!);
    const rights = options.rights.slice(i + 1);
    const found = await scanBlock(rest.query, rest.block, { ...options, rights }, signal);
    results.push(...found.results);
  }
  return { ...scanned, results };
}

/** The rows of the right side of a join that came up in none of its rows, and the query of them: what follows the join is done with them. */
function remainderOf(
  query: NativeQuery,
  join: JoinSource,
  { source, seen }: RightRows,
): { readonly query: NativeQuery; readonly block: RowBlock } {
  invariant(source.kind === 'rows' && seen !== null, 'the join keeps its right side');
  const { fields, columns } = source.block;
  const isLeft = (_: unknown, row: number): boolean => seen[row] === 0;
  const block: RowBlock = {
    fields: fields.map((field) => ({ ...field, name: join.prefix + field.name })),
    columns: columns.map((column) => column.filter(isLeft)),
    rowCount: seen.reduce((count, each) => count + 1 - each, 0),
  };
  const dataSource = replaced(query.dataSource, join, columnsOnly(block.fields));
  return { query: { ...query, dataSource }, block };
}

function replaced(source: DataSource, join: JoinSource, by: DataSource): DataSource {
  if (source === join) return by;
  invariant(isExpansion(source), 'the join is part of the data source');
  return { ...source, base: replaced(source.base, join, by) };
}
