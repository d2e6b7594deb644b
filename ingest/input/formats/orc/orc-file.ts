import { UserError, VarveError } from '../../../../core/index.js';
import type { ValueType } from '../../../../model/index.js';
import type { BatchColumn, InputBatch } from '../../batch.js';
import type { ByteRanges, InputEntity } from '../../sources/source.js';
import { columnReader, type StreamKind, type StripeStreams } from './columns.js';
import {
  type OrcMetadata,
  type OrcType,
  readMetadata,
  readStripeFooter,
  type Stripe,
} from './metadata.js';
import { OrcStream } from './orc-stream.js';

const BATCH_ROWS = 8192;
/** A stripe's bytes are in memory, packed; writers make 64 to 256 MiB. */
const MAX_STRIPE_BYTES = 2 ** 30;

/** The streams that are read, by their numbers. */
const STREAMS: readonly (StreamKind | undefined)[] = [
  'present',
  'data',
  'length',
  'dictionary',
  undefined,
  'secondary',
];

const TYPES: Readonly<Partial<Record<OrcType['kind'], ValueType>>> = {
  byte: 'LONG',
  short: 'LONG',
  int: 'LONG',
  long: 'LONG',
  timestamp: 'LONG',
  instant: 'LONG',
  float: 'FLOAT',
  double: 'DOUBLE',
  decimal: 'DOUBLE',
};

/**
 * Reads an ORC file stripe by stripe, in batches of at most 8192 rows: after "ORC Specification v1". A file that is damaged or cut off is
 * a UserError.
 */
export async function* readOrcFile(
  entity: InputEntity,
  binaryAsString: boolean,
): AsyncGenerator<InputBatch> {
  const file = await entity.ranges();
  try {
    const metadata = await readMetadata(file, entity.uri);
    checkRoot(metadata.root);
    for (const stripe of metadata.stripes)
      yield* readStripe(file, stripe, metadata, binaryAsString);
  } catch (error) {
    throw asUserError(error, entity.uri);
  } finally {
    file.close();
  }
}

function checkRoot({ kind, children }: OrcType): void {
  if (kind !== 'struct' || children.length === 0) throw new RangeError('its rows have no fields');
}

function* readStripe(
  file: ByteRanges,
  stripe: Stripe,
  metadata: OrcMetadata,
  binaryAsString: boolean,
): Generator<InputBatch> {
  const { root } = metadata;
  const bytes = stripe.indexLength + stripe.dataLength + stripe.footerLength;
  const streams = openStreams(file, stripe, metadata, binaryAsString);
  // Rows themselves are never null.
  const columns = root.children.map((type, i) => {
    return { name: root.names[i] ?? `_col${i}`, type, reader: columnReader(type, streams) };
  });
  const types = new Map<string, ValueType>();
  for (const { name, type } of columns) {
    const known = TYPES[type.kind];
    if (known !== undefined) types.set(name, known);
  }
  for (let start = 0; start < stripe.rowCount; start += BATCH_ROWS) {
    const rowCount = Math.min(BATCH_ROWS, stripe.rowCount - start);
    const fields = new Map<string, BatchColumn>();
    for (const { name, reader } of columns) fields.set(name, reader.read(rowCount));
    yield {
      rowCount,
      columns: fields,
      types,
      bad: [],
      bytes: Math.floor((bytes * rowCount) / stripe.rowCount),
    };
  }
}

/** The streams of a stripe, which lie one after another from its begin. */
function openStreams(
  file: ByteRanges,
  { offset, indexLength, dataLength, footerLength, rowCount }: Stripe,
  { codec }: OrcMetadata,
  binaryAsString: boolean,
): StripeStreams {
  const bodyBytes = indexLength + dataLength;
  if (offset + bodyBytes + footerLength > file.sizeBytes || bodyBytes > MAX_STRIPE_BYTES) {
    throw new RangeError(`a stripe of ${bodyBytes} bytes at byte ${offset}`);
  }
  if (!Number.isSafeInteger(rowCount)) throw new RangeError(`a stripe of ${rowCount} rows`);
  const footer = readStripeFooter(file.read(offset + bodyBytes, footerLength), codec);
  const places = new Map<string, { readonly at: number; readonly length: number }>();
  let at = offset;
  for (const { kind, column, length } of footer.streams) {
    const name = STREAMS[kind];
    if (name !== undefined) places.set(`${column} ${name}`, { at, length });
    at += length;
  }
  if (at > offset + bodyBytes)
    throw new RangeError('the streams of a stripe are longer than it is');
  return {
    timeZone: footer.timeZone,
    binaryAsString,
    encoding: (column) => footer.encodings[column] ?? { kind: 0, dictionarySize: 0 },
    stream: (column, kind) => {
      const place = places.get(`${column} ${kind}`);
      return place === undefined ? null : new OrcStream(file.read(place.at, place.length), codec);
    },
  };
}

/** What is wrong with the file is a RangeError, or one of zlib's. */
function asUserError(error: unknown, uri: string): unknown {
  if (error instanceof VarveError || !(error instanceof Error)) return error;
  const isZlib = 'code' in error && /^(Z_|ERR_)/.test(String(error.code));
  if (!(error instanceof RangeError) && !isZlib) return error;
  return new UserError(
    `${uri}: not an ORC file that can be read: ${error.message}; write it again`,
  );
}
