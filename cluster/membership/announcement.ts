import { z } from 'zod';
import { readAs } from '../transport/read-as.js';

/** The name of the method by which followers ask for announcements. */
export const ANNOUNCEMENTS = 'announcements';

/** Turns what is announced of a live table into what a message may hold, and back. `decode` throws for anything else. */
export interface LiveCodec<T> {
  encode(table: T): unknown;
  decode(wire: unknown): T;
}

/** What a follower asks for: what changed since `since`, which it heard from `incarnation`. Waits for it when there is nothing yet. */
export interface AnnouncementRequest {
  readonly incarnation: string;
  /** -1: it knows nothing. */
  readonly since: number;
  readonly waitMs: number;
}

/** The push log of a node, and the live tables of it that changed, whole. */
export interface LiveAnnouncement<T> {
  readonly logId: string;
  /** As far as the tables go. */
  readonly position: number;
  /** By name; null: the log holds nothing of it any more. */
  readonly tables: ReadonlyMap<string, T | null>;
}

/**
 * How a node that has told `since` comes to `number`; all of it holds at once. Whole: what it serves from nothing, not only
 * what changed.
 */
export interface Announcement<T> {
  readonly incarnation: string;
  readonly number: number;
  readonly isWhole: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly live: LiveAnnouncement<T> | null;
}

const count = z.int().min(0);

const REQUEST = z.object({ incarnation: z.string(), since: z.int().min(-1), waitMs: count });

const ANNOUNCEMENT = z.object({
  incarnation: z.string(),
  number: count,
  isWhole: z.boolean(),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  live: z
    .object({
      logId: z.string(),
      position: count,
      tables: z.array(z.tuple([z.string(), z.unknown()])),
    })
    .nullable(),
});

export function readAnnouncementRequest(message: unknown): AnnouncementRequest {
  return readAs(REQUEST, message, 'a request for announcements');
}

export function announcementMessage<T>(
  { live, ...rest }: Announcement<T>,
  codec: LiveCodec<T>,
): unknown {
  if (live === null) return { ...rest, live };
  const tables = [...live.tables].map(([name, table]) => [
    name,
    table === null ? null : codec.encode(table),
  ]);
  return { ...rest, live: { ...live, tables } };
}

export function readAnnouncement<T>(message: unknown, codec: LiveCodec<T>): Announcement<T> {
  const { live, ...rest } = readAs(ANNOUNCEMENT, message, 'an announcement');
  if (live === null) return { ...rest, live };
  const tables = live.tables.map(
    ([name, wire]) => [name, wire === null ? null : codec.decode(wire)] as const,
  );
  return { ...rest, live: { ...live, tables: new Map(tables) } };
}
