import type { DataQuery, DataSourceJsonData } from '@grafana/data';
import type { Format } from './sql/request.js';

/** A query as a dashboard keeps it; the names are those of Grafana's own SQL data sources. */
export interface VarveQuery extends DataQuery {
  readonly rawSql?: string;
  readonly format?: Format;
}

/** The settings of a data source, beside those that every one has. */
export interface VarveOptions extends DataSourceJsonData {
  /** The shortest interval that `$__interval` may be, such as `10s`. */
  readonly timeInterval?: string;
  /** How many rows a query shows at most. */
  readonly maxRows?: number;
}
