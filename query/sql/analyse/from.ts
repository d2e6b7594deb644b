import { UnsupportedError } from '../../../core/index.js';
import type { Rel, RelColumn } from '../algebra/rel.js';
import { columnType } from '../algebra/types.js';
import { LOOKUP_COLUMNS, schemaOf, storedName } from '../catalog.js';
import type { FromNode, TableNode } from '../parser/ast.js';
import { type Position, planError } from '../position.js';
import { didYouMean } from '../suggestion.js';
import type { Environment } from './environment.js';
import type { ScopeTable } from './scope.js';

export interface FromResult {
  readonly rel: Rel;
  readonly tables: readonly ScopeTable[];
}

/** The named queries of WITH that can be seen. */
export type CommonTables = ReadonlyMap<string, Rel>;

/** A table of FROM by its name: a WITH query, a stored table, or a system table. */
export function analyseTable(
  node: TableNode,
  environment: Environment,
  common: CommonTables,
): FromResult {
  const rel = renamed(findTable(node, environment, common), node.columns, node.position);
  return {
    rel,
    tables: [{ path: node.alias === null ? node.path : [node.alias], columns: rel.columns }],
  };
}

/** The relation with its columns renamed by `AS t (a, b)`. */
export function renamed<R extends Rel>(
  rel: R,
  names: readonly string[] | null,
  position: Position,
): R {
  if (names === null) return rel;
  if (names.length !== rel.columns.length) {
    throw planError(`${names.length} column names for ${rel.columns.length} columns`, position);
  }
  return { ...rel, columns: rel.columns.map((column, i) => ({ ...column, name: names[i]! })) };
}

function findTable(node: TableNode, environment: Environment, common: CommonTables): Rel {
  const { path, position } = node;
  const named = path.length === 1 ? common.get(path[0]!) : undefined;
  if (named !== undefined) return named;
  const [schema, name] = schemaAndName(path);
  if (schema === 'lookup' && environment.catalog.lookups?.().has(name)) {
    const columns = LOOKUP_COLUMNS.map(({ name, type }) => ({
      name,
      type: columnType(name, type),
    }));
    return { kind: 'lookup', name, columns };
  }
  const system = environment.system.columns(schema, name);
  if (system !== null) return { kind: 'system', schema, name, columns: system };
  const stored = storedName(schema, name);
  const columns = stored === null ? null : storedColumns(stored, environment);
  if (stored === null || columns === null) throw notFound(path, schema, environment, position);
  return { kind: 'table', name: stored, columns };
}

/** `foo`, `druid.foo`, `druid.sys.segments`: the catalogue is `druid`, and so is the default schema. */
function schemaAndName(path: readonly string[]): [string, string] {
  const name = path.at(-1)!;
  return [path.length > 1 ? path.at(-2)! : 'druid', name];
}

function storedColumns(name: string, { catalog }: Environment): readonly RelColumn[] | null {
  const schema = catalog.schema(name);
  return schema === null
    ? null
    : schema.columns.map((column) => ({
        name: column.name,
        type: columnType(column.name, column.type),
      }));
}

function notFound(
  path: readonly string[],
  schema: string,
  { catalog, system }: Environment,
  position: Position,
): Error {
  const stored = catalog.tables().map(schemaOf);
  const known = [
    ...system.tables(schema),
    ...(schema === 'lookup' ? (catalog.lookups?.().keys() ?? []) : []),
    ...stored.flatMap((table) => (table.schema === schema ? table.name : [])),
  ];
  const within = path.length > 1 ? ` within '${path.slice(0, -1).join('.')}'` : '';
  const hint = didYouMean(path.at(-1)!, known);
  return planError(`Object '${path.at(-1)}' not found${within}${hint}`, position);
}

export function refuseJoin(node: Extract<FromNode, { kind: 'join' }>): never {
  const where = `line [${node.position.line}], column [${node.position.column}]`;
  throw new UnsupportedError(
    `JOIN is not supported; for a test of membership write IN (SELECT …) (${where})`,
  );
}
