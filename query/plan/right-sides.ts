import { invariant, UserError } from '../../core/index.js';
import { isArrayType, isComplexType } from '../../model/index.js';
import type { RightRows } from '../executor/executor.js';
import { isExpansion, joinsOf } from '../expansion/sources.js';
import type { GroupRows } from '../interpreter/groups-segment.js';
import { encodeBlock, type RowBlock } from '../interpreter/rows-segment.js';
import type { DataSource, JoinSource, NativeQuery } from '../native/query.js';
import type { ScanOptions, ScanResults } from './scan-parts.js';
import { scanBlock } from './scan-rows-in-memory.js';

/** A query whose joins know the columns of their right sides, and the rows of these. */
export interface JoinedQuery {
  readonly query: NativeQuery;
  /** By join, as they follow each other. */
  readonly rights: readonly RightRows[];
}

/** A query with the right sides of its joins, which were read before. Throws UserError where one has no column that is a key. */
export function withRights(query: NativeQuery, blocks: readonly RowBlock[]): JoinedQuery {
  const joins = joinsOf(query.dataSource);
  if (joins.length === 0) return { query, rights: [] };
  for (const [i, join] of joins.entries()) checkKeys(join, blocks[i]!);
  const read = new Map(joins.map((join, i) => [join, blocks[i]!]));
  return {
    query: { ...query, dataSource: withColumns(query.dataSource, read) },
    rights: joins.map((join) => rightRows(join, read.get(join)!)),
  };
}

function checkKeys({ condition, prefix }: JoinSource, { fields }: RowBlock): void {
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

const rightRows = ({ keepsRight }: JoinSource, block: RowBlock): RightRows => ({
  source: { kind: 'rows', block: encodeBlock(block) },
  seen: keepsRight ? new Uint8Array(new SharedArrayBuffer(block.rowCount)) : null,
});

/** Workers are told the columns only: rows come with the jobs. */
function withColumns(source: DataSource, read: ReadonlyMap<JoinSource, RowBlock>): DataSource {
  if (!isExpansion(source)) return source;
  const base = withColumns(source.base, read);
  if (source.type !== 'join') return { ...source, base };
  return { ...source, base, right: columnsOnly(read.get(source)!) };
}

const columnsOnly = ({ fields }: RowBlock): DataSource => ({ type: 'inline', fields, rows: [] });

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
    const isCross = condition.keys.length === 0 && source.kind === 'rows';
    return isCross ? product * Math.max(1, source.block.rowCount) : product;
  }, 1);
  return Math.max(Math.min(rowsPerJob, MIN_ROWS_PER_JOB), Math.ceil(rowsPerJob / each));
}

const MIN_ROWS_PER_JOB = 256;

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
  const dataSource = replaced(query.dataSource, join, columnsOnly(block));
  return { query: { ...query, dataSource }, block };
}

function replaced(source: DataSource, join: JoinSource, by: DataSource): DataSource {
  if (source === join) return by;
  invariant(isExpansion(source), 'the join is part of the data source');
  return { ...source, base: replaced(source.base, join, by) };
}
