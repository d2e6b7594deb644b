/**
 * query/sql: what a statement means, and which native queries answer it. Text goes through the
 * lexer and `parser/` (a syntax tree), `analyse/` (a typed relational tree, `algebra/`) and `plan/`
 * (native queries); `output/` writes the rows. `functions/` is the one list of SQL functions.
 */
export type { Catalog, CatalogColumn, SystemRow, SystemTables } from './catalog.js';
export {
  type NativeRunner,
  SqlEngine,
  type SqlEngineOptions,
  type SqlRequest,
  type SqlResult,
} from './engine.js';
export {
  type FormatOptions,
  type FormattedResult,
  formatRows,
  parseResultFormat,
  type ResultFormat,
  type SqlColumn,
  type SqlRows,
} from './output/formats.js';
export type { SqlParameter } from './parameters.js';
export type { SysTableName } from './system/sys-tables.js';
