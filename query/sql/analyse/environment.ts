import type { RelColumn } from '../algebra/rel.js';
import type { RexLiteral } from '../algebra/rex.js';
import type { Catalog } from '../catalog.js';
import type { FunctionContext } from '../functions/definition.js';

/** Columns of the tables that are made when asked for, by schema and name. */
export interface SystemSchemas {
  /** Names of the tables of `INFORMATION_SCHEMA` or `sys`; empty for any other schema. */
  tables(schema: string): readonly string[];
  columns(schema: string, table: string): readonly RelColumn[] | null;
}

/** What one statement is analysed against. */
export interface Environment {
  readonly catalog: Catalog;
  readonly system: SystemSchemas;
  readonly functions: FunctionContext;
  /** The values for `?`, in order. */
  readonly parameters: readonly RexLiteral[];
}
