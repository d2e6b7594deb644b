import type { ByteRanges } from '../../sources/source.js';
import { type Codec, codecOf, unpackAll } from './codecs.js';
import { Message } from './message.js';

/** ORC's kinds of types, by their numbers. */
export const KINDS = [
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'string',
  'binary',
  'timestamp',
  'list',
  'map',
  'struct',
  'union',
  'decimal',
  'date',
  'varchar',
  'char',
  'instant',
] as const;

export type Kind = (typeof KINDS)[number];

/** A column: the root is a struct, and columns below stand behind those that hold them. */
export interface OrcType {
  readonly id: number;
  readonly kind: Kind;
  readonly children: readonly OrcType[];
  /** Of a struct, one per child. */
  readonly names: readonly string[];
}

export interface Stripe {
  readonly offset: number;
  readonly indexLength: number;
  readonly dataLength: number;
  readonly footerLength: number;
  readonly rowCount: number;
}

export interface OrcMetadata {
  readonly root: OrcType;
  readonly stripes: readonly Stripe[];
  readonly codec: Codec;
}

const MAGIC = 'ORC';
/** The postscript is at most this, and its length is one byte. */
const MAX_POSTSCRIPT_BYTES = 256;
const MAX_FOOTER_BYTES = 2 ** 28;
const MAX_TYPE_DEPTH = 100;

/**
 * Reads the end of an ORC file: the footer, the postscript, and in the last byte the postscript's length. Throws RangeError for what
 * is none.
 */
export async function readMetadata(file: ByteRanges, uri: string): Promise<OrcMetadata> {
  const tail = file.read(Math.max(0, file.sizeBytes - MAX_POSTSCRIPT_BYTES), MAX_POSTSCRIPT_BYTES);
  const length = tail.at(-1) ?? 0;
  if (length === 0 || length >= tail.length) throw new RangeError('it has no postscript');
  const postscript = new Message(tail.subarray(tail.length - 1 - length, -1));
  if (postscript.text(8000) !== MAGIC) throw new RangeError('it does not end as ORC does');
  const codec = await codecOf(postscript.number(2), postscript.number(3), uri);
  const footerLength = postscript.number(1);
  const footerStart = file.sizeBytes - 1 - length - footerLength;
  if (footerStart < 0 || footerLength > MAX_FOOTER_BYTES)
    throw new RangeError('its footer is too long');
  const footer = new Message(
    unpackAll(file.read(footerStart, footerLength), codec, MAX_FOOTER_BYTES),
  );
  if (footer.has(10)) throw new RangeError('it has encrypted columns, which are not supported');
  const types = footer.messages(4);
  return { root: typeAt(types, 0, 0), stripes: footer.messages(3).map(stripeOf), codec };
}

function stripeOf(message: Message): Stripe {
  return {
    offset: message.number(1),
    indexLength: message.number(2),
    dataLength: message.number(3),
    footerLength: message.number(4),
    rowCount: message.number(5),
  };
}

function typeAt(types: readonly Message[], id: number, depth: number): OrcType {
  const message = types[id];
  const kind = KINDS[message?.number(1) ?? -1];
  if (message === undefined) throw new RangeError('a type is missing');
  if (kind === undefined)
    throw new RangeError(`types of kind ${message.number(1)} are not supported`);
  // Children stand behind their parents, so that there is an end to it.
  const ids = message.numbers(2);
  if (depth > MAX_TYPE_DEPTH || ids.some((child) => child <= id)) {
    throw new RangeError('the types hold one another');
  }
  const children = ids.map((child) => typeAt(types, child, depth + 1));
  return { id, kind, children, names: message.texts(3) };
}

/** Which bytes of a stripe are what. */
export interface StripeFooter {
  readonly streams: readonly { kind: number; column: number; length: number }[];
  /** By column. */
  readonly encodings: readonly { kind: number; dictionarySize: number }[];
  readonly timeZone: string;
}

export function readStripeFooter(bytes: Uint8Array, codec: Codec): StripeFooter {
  const footer = new Message(unpackAll(bytes, codec, MAX_FOOTER_BYTES));
  return {
    streams: footer.messages(1).map((stream) => {
      return { kind: stream.number(1), column: stream.number(2), length: stream.number(3) };
    }),
    encodings: footer.messages(2).map((encoding) => {
      return { kind: encoding.number(1), dictionarySize: encoding.number(2) };
    }),
    timeZone: footer.text(3),
  };
}
