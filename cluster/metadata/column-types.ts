import { type AlterTableBuilder, type ColumnBuilderCallback, sql } from 'kysely';

type DataTypeExpression = Parameters<AlterTableBuilder['addColumn']>[1];

/** What columns are called in one kind of database; `integer` and `bigint` are called so in all. */
export interface ColumnTypes {
  /** Compared and ordered by its bytes. */
  readonly text: DataTypeExpression;
  /** Milliseconds since the epoch, with fractions: a double. */
  readonly time: DataTypeExpression;
  readonly bytes: DataTypeExpression;
  /** The key of a table whose rows are counted as they come. */
  readonly sequence: readonly [DataTypeExpression, ColumnBuilderCallback];
}

/** Released: never edited. */
export const SQLITE_TYPES: ColumnTypes = {
  text: 'text',
  time: 'real',
  bytes: 'blob',
  sequence: ['integer', (column) => column.primaryKey().autoIncrement()],
};

export const POSTGRES_TYPES: ColumnTypes = {
  text: sql`text collate "C"`,
  time: 'double precision',
  bytes: 'bytea',
  sequence: ['bigint', (column) => column.generatedAlwaysAsIdentity().primaryKey()],
};
