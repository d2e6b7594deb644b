import { Packr } from 'msgpackr';
import { z } from 'zod';
import { ByteReader, ByteWriter, CorruptBytesError } from '../../core/index.js';
import type { PushFormat, PushIdentity } from './types.js';

/** A batch of rows, as it came. */
export interface PushCommand extends PushIdentity {
  readonly kind: 'push';
  readonly table: string;
  /** The version of the table's spec that it was taken under, from 1. */
  readonly specVersion: number;
  readonly format: PushFormat;
  /** Names of the columns of a csv body without a header; null: the first line has them. */
  readonly columns: readonly string[] | null;
  /** When it came: the only clock that the fold knows. */
  readonly arrivalMs: number;
  readonly ack: 'disk' | 'memory';
  readonly body: Uint8Array;
}

/** A batch that was known as a repeat before it was logged: only counted. */
export interface DuplicateCommand {
  readonly kind: 'duplicate';
  readonly table: string;
  readonly rows: number;
}

/** A dead letter to be tried again. */
export interface ReplayedLetter {
  /** Its number, of the letters of the table. */
  readonly letter: number;
  readonly format: PushFormat;
  /** Whether `raw` is only the beginning of the row. */
  readonly truncated: boolean;
  readonly raw: Uint8Array;
}

export interface ReplayCommand {
  readonly kind: 'replay';
  readonly table: string;
  readonly specVersion: number;
  readonly arrivalMs: number;
  /** Stores rows whatever their time; else the table's policies hold. */
  readonly acceptLate: boolean;
  readonly letters: readonly ReplayedLetter[];
}

/** Another log had the table before: what it knew of it. */
export interface AdoptCommand {
  readonly kind: 'adopt';
  readonly table: string;
  /** See `OpenedTable`. */
  readonly epoch: number;
  /** See `TableState.checkpoint`. */
  readonly state: Uint8Array;
}

/** What the push log holds: orders, not decisions. */
export type Command = PushCommand | DuplicateCommand | ReplayCommand | AdoptCommand;

const VERSION = 1;

const packr = new Packr({ useRecords: false });

const count = z.int().min(0);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const format = z.enum(['ndjson', 'json', 'csv', 'arrow']);

const HEADERS = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('push'),
    table: z.string(),
    specVersion: count,
    format,
    columns: z.array(z.string()).nullable(),
    arrivalMs: z.int(),
    producer: z.string().nullable(),
    sequence: count.nullable(),
    key: z.string().nullable(),
    ack: z.enum(['disk', 'memory']),
  }),
  z.strictObject({ kind: z.literal('duplicate'), table: z.string(), rows: count }),
  z.strictObject({
    kind: z.literal('adopt'),
    table: z.string(),
    epoch: count,
    state: bytes,
  }),
  z.strictObject({
    kind: z.literal('replay'),
    table: z.string(),
    specVersion: count,
    arrivalMs: z.int(),
    acceptLate: z.boolean(),
    letters: z.array(
      z.strictObject({
        letter: count,
        format,
        truncated: z.boolean(),
        raw: bytes,
      }),
    ),
  }),
]);

/**
 * The bytes of a command.
 *
 *     offset  size  field
 *     0       1     version  = 1
 *     1       1…8   size     of the header, varint
 *             size  header   MessagePack: the members of the command but `body`
 *             rest  body     of a push; else nothing
 */
export function encodeCommand(command: Command): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(VERSION);
  if (command.kind !== 'push') {
    writer.blob(packr.pack(command));
    return writer.toBytes();
  }
  const { body, ...header } = command;
  writer.blob(packr.pack(header));
  return Buffer.concat([writer.toBytes(), body]);
}

/** The command that `bytes` hold; its body is a view of them. Throws CorruptBytesError. */
export function decodeCommand(bytes: Uint8Array): Command {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== VERSION) {
    throw new CorruptBytesError(
      0,
      `a command of version ${version}; this program reads ${VERSION}`,
    );
  }
  const at = reader.offset;
  const header = headerOf(reader.blob(), at);
  if (header.kind === 'push') return { ...header, body: reader.raw(reader.remaining) };
  reader.expectEnd();
  return header;
}

function headerOf(bytes: Uint8Array, at: number): z.output<typeof HEADERS> {
  const header = HEADERS.safeParse(unpackOrNull(bytes));
  if (header.success) return header.data;
  throw new CorruptBytesError(at, 'the header of a command cannot be read');
}

function unpackOrNull(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes);
  } catch {
    return null;
  }
}
