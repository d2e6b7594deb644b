import { UnsupportedError } from '../../core/index.js';
import type { Value, ValueType } from '../../model/index.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryResult } from '../result.js';
import { nativeType, type SqlType } from '../sql/algebra/types.js';
import type { SqlResult } from '../sql/index.js';

/** A column of an answer, and what its LONG values mean: instants in milliseconds, or truth. */
export interface ArrowColumn {
  readonly name: string;
  readonly type: ValueType;
  readonly meaning: 'instant' | 'truth' | null;
}

export interface ArrowTable {
  readonly columns: readonly ArrowColumn[];
  readonly rows: readonly (readonly Value[])[];
  /** In which instants are shown. */
  readonly timeZone: string;
}

/** The rows of a native query's answer as an Arrow IPC stream; `__time` is milliseconds where `serializeDateTimeAsLong` asks for them. */
export function nativeArrow(
  query: NativeQuery,
  { fields, rows, segments }: QueryResult,
): Promise<Iterable<Uint8Array>> {
  if (segments !== undefined) {
    throw new UnsupportedError(
      'context.bySegment: answers of segments are no table, which Arrow needs; ask for JSON or MessagePack',
    );
  }
  const { serializeDateTimeAsLong } = query.context;
  const columns = fields.map(({ name, type }): ArrowColumn => {
    const isInstant = name === '__time' && type === 'LONG' && !serializeDateTimeAsLong;
    return { name, type, meaning: isInstant ? 'instant' : null };
  });
  const timeZone = 'granularity' in query ? query.granularity.timeZone : 'UTC';
  return written({ columns, rows, timeZone });
}

/** The rows of a statement's answer as an Arrow IPC stream. */
export function sqlArrow({ columns, rows, timeZone }: SqlResult): Promise<Iterable<Uint8Array>> {
  const typed = columns.map(({ name, type }) => ({
    name,
    type: nativeType(type),
    meaning: meaningOf(type),
  }));
  return written({ columns: typed, rows, timeZone });
}

function meaningOf(type: SqlType): ArrowColumn['meaning'] {
  if (type === 'TIMESTAMP' || type === 'DATE') return 'instant';
  return type === 'BOOLEAN' ? 'truth' : null;
}

/** The library takes longer to load than most queries; it is loaded for those who want it. */
async function written(table: ArrowTable): Promise<Iterable<Uint8Array>> {
  const { arrowStream } = await import('./arrow-stream.js');
  return arrowStream(table);
}
