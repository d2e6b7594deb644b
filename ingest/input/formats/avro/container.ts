import { parseJson, UserError, utf8Decode, VarveError } from '../../../../core/index.js';
import type { InputBatch } from '../../batch.js';
import { PulledBytes } from '../../pulled-bytes.js';
import type { InputEntity } from '../../sources/source.js';
import { avroCodec } from './codecs.js';
import { AvroInput } from './data-input.js';
import type { DecodeOptions } from './decode.js';
import { AvroRecords } from './records.js';
import { type AvroType, parseSchema } from './schema.js';

const MAGIC = 'Obj\u0001';
const SYNC_BYTES = 16;
/** Two longs. */
const MAX_BLOCK_HEADER_BYTES = 20;
const MAX_HEADER_BYTES = 16 * 2 ** 20;
/** Of a block as it lies in the file. */
const MAX_BLOCK_BYTES = 2 ** 28;

interface Header {
  readonly schema: AvroType;
  readonly unpack: (block: Uint8Array) => Promise<Uint8Array>;
  readonly sync: Uint8Array;
}

/**
 * Reads an object container file, a block at a time: "Obj" 1, a map of metadata (`avro.schema`, `avro.codec`), a sync marker of
 * 16 bytes; then blocks: count of records, size in bytes, the records packed by the codec, the marker. A null reader schema
 * stands for the file's own. A file that is damaged or cut off is a UserError; a record that cannot be read is a bad record.
 */
export async function* readContainer(
  entity: InputEntity,
  reader: AvroType | null,
  options: DecodeOptions,
): AsyncGenerator<InputBatch> {
  const bytes = new PulledBytes(entity.chunks());
  try {
    const header = await readHeader(bytes, entity.uri);
    const records = new AvroRecords(header.schema, reader ?? header.schema, options);
    while (await bytes.fill(1)) yield* readBlock(bytes, header, records, entity.uri);
  } catch (error) {
    throw asUserError(error, bytes.position, entity.uri);
  } finally {
    await bytes.close();
  }
}

async function readHeader(bytes: PulledBytes, uri: string): Promise<Header> {
  await bytes.fill(MAGIC.length);
  if (utf8Decode(bytes.view().subarray(0, MAGIC.length)) !== MAGIC) {
    throw new RangeError('it does not begin with "Obj"');
  }
  for (let wanted = 4096; ; wanted *= 4) {
    const isMore = await bytes.fill(wanted);
    const input = new AvroInput(bytes.view().subarray(MAGIC.length));
    const metadata = readMetadata(input, isMore && wanted < MAX_HEADER_BYTES);
    if (metadata === null) continue;
    const sync = input.raw(SYNC_BYTES).slice();
    bytes.advance(MAGIC.length + input.position);
    const schema = parseSchema(parseJson(metadata.get('avro.schema') ?? ''), uri);
    return { schema, unpack: avroCodec(metadata.get('avro.codec') ?? 'null', uri), sync };
  }
}

/** Null when there may be more of it. */
function readMetadata(input: AvroInput, isMore: boolean): Map<string, string> | null {
  const metadata = new Map<string, string>();
  try {
    input.items(() => metadata.set(input.text(), utf8Decode(input.blob())));
    if (input.remaining >= SYNC_BYTES || !isMore) return metadata;
  } catch (error) {
    if (!isMore) throw error;
  }
  return null;
}

async function* readBlock(
  bytes: PulledBytes,
  { unpack, sync }: Header,
  records: AvroRecords,
  uri: string,
): AsyncGenerator<InputBatch> {
  const start = bytes.position;
  await bytes.fill(MAX_BLOCK_HEADER_BYTES);
  const input = new AvroInput(bytes.view());
  const count = input.size();
  const size = input.size();
  if (size > MAX_BLOCK_BYTES) throw new RangeError(`a block of ${size} bytes`);
  bytes.advance(input.position);
  if (!(await bytes.fill(size + SYNC_BYTES))) throw new RangeError('the bytes end');
  const packed = bytes.take(size);
  const marker = bytes.take(SYNC_BYTES);
  if (sync.some((byte, i) => marker[i] !== byte)) throw new RangeError('a block has no end');
  const block = await unpack(packed);
  yield* records.read(new AvroInput(block), count, `the block at byte ${start} of ${uri}`);
}

/** What is wrong with the file is a RangeError, or one of zlib's. */
function asUserError(error: unknown, position: number, uri: string): unknown {
  if (error instanceof VarveError || !(error instanceof Error)) return error;
  const isZlib = 'code' in error && /^(Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code));
  if (!(error instanceof RangeError) && !isZlib) return error;
  return new UserError(
    `${uri}: not a whole Avro file: ${error.message}, before byte ${position}; write it again`,
  );
}
