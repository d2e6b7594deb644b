import { z } from 'zod';
import { CorruptBytesError } from '../../core/index.js';
import type { LiveTable } from '../../ingest/index.js';
import type { ColumnSchema } from '../../query/index.js';
import { liveColumns } from '../inventory/live-part.js';

/** Rows of a push table that are not published yet, as their node tells others of them. */
export interface ToldPart {
  readonly id: number;
  readonly dataSource: string;
  readonly rowCount: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  /** Of its file; 0 while it is in memory. */
  readonly sizeBytes: number;
  readonly columns: readonly ColumnSchema[];
}

/** What a node tells of one push table: as `LiveTable`, without the rows. */
export interface ToldTable {
  readonly table: string;
  readonly generations: readonly { readonly to: number; readonly parts: readonly ToldPart[] }[];
}

const TABLE = z.object({
  table: z.string(),
  generations: z.array(
    z.object({
      to: z.number().or(z.literal(Number.POSITIVE_INFINITY)),
      parts: z.array(
        z.object({
          id: z.int(),
          dataSource: z.string(),
          rowCount: z.int(),
          minTimeMs: z.number(),
          maxTimeMs: z.number(),
          sizeBytes: z.int(),
          columns: z.array(
            z.object({
              name: z.string(),
              type: z.string(),
              multiValue: z.boolean(),
              role: z.enum(['time', 'dimension', 'metric']),
            }),
          ),
        }),
      ),
    }),
  ),
});

export const toldTable = ({ table, generations }: LiveTable): ToldTable => ({
  table,
  generations: generations.map(({ to, parts }) => ({
    to,
    parts: parts.map((part) => ({
      id: part.id,
      dataSource: part.dataSource,
      rowCount: part.rowCount,
      minTimeMs: part.minTimeMs,
      maxTimeMs: part.maxTimeMs,
      sizeBytes: part.source.kind === 'piece' ? part.source.sealed.sizeBytes : 0,
      columns: liveColumns(part).map(({ name, type, multiValue, role }) => ({
        name,
        type,
        multiValue,
        role,
      })),
    })),
  })),
});

/** How a `ToldTable` goes into an announcement, and is read from one. */
export const toldTableCodec = {
  encode: (table: ToldTable): unknown => table,
  decode(wire: unknown): ToldTable {
    const read = TABLE.safeParse(wire);
    if (read.success) return read.data as ToldTable;
    throw new CorruptBytesError(0, `an announced table: ${read.error.issues[0]?.message}`);
  },
};
