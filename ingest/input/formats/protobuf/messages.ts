import protobuf, { type Type } from 'protobufjs';
import type { ValueType } from '../../../../model/index.js';
import type { InputBatch } from '../../batch.js';
import { BatchBuilder } from '../../batch-builder.js';
import { PulledBytes } from '../../pulled-bytes.js';
import type { InputEntity, InputEnvironment } from '../../sources/source.js';
import { MessageDecoder } from './decode-message.js';
import { messageType } from './descriptors.js';

const BATCH_ROWS = 8192;

/** A longer message is nobody's record. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
/** Of a message's length in front of it. */
const MAX_LENGTH_BYTES = 5;

/** Which messages there are. */
export interface MessageSource {
  /** Of the spec, for messages about it. */
  readonly field: string;
  /** Null: the first one. */
  readonly typeName: string | null;
  descriptors(environment: InputEnvironment): Uint8Array;
}

const TYPES: ReadonlyMap<string, ValueType> = new Map([
  ...['int32', 'uint32', 'sint32', 'fixed32', 'sfixed32', 'int64', 'sint64', 'sfixed64'].map(
    (type) => [type, 'LONG'] as const,
  ),
  ['float', 'FLOAT'] as const,
  ['double', 'DOUBLE'] as const,
]);

/** The messages of an entity: one, or many that are each behind its length. Those that cannot be read are bad records. */
export async function* readMessages(
  entity: InputEntity,
  source: MessageSource,
  environment: InputEnvironment,
  isDelimited: boolean,
): AsyncGenerator<InputBatch> {
  const type = messageType(source.descriptors(environment), source.typeName, source.field);
  const records = new Records(type, entity.uri);
  if (!isDelimited) {
    records.add(await entity.bytes(), 0);
    yield records.take();
    return;
  }
  const bytes = new PulledBytes(entity.chunks());
  try {
    while (await bytes.fill(1)) {
      const isWhole = await addNext(bytes, records);
      if (records.count >= BATCH_ROWS || !isWhole) yield records.take();
      if (!isWhole) return;
    }
    yield records.take();
  } finally {
    await bytes.close();
  }
}

/** Adds the next message; false when nobody knows where the one after it begins. */
async function addNext(bytes: PulledBytes, records: Records): Promise<boolean> {
  const { position } = bytes;
  await bytes.fill(MAX_LENGTH_BYTES);
  const head = readLength(bytes.view());
  const size = head === null ? 0 : head.bytes + head.length;
  const isSane = head !== null && head.length <= MAX_MESSAGE_BYTES;
  if (!isSane || !(await bytes.fill(size))) {
    records.lose(
      position,
      head === null
        ? 'its length does not end'
        : `it has ${head.length} bytes, which are not there`,
    );
    return false;
  }
  records.add(bytes.take(size).subarray(head.bytes), position);
  return true;
}

function readLength(bytes: Uint8Array): { readonly length: number; readonly bytes: number } | null {
  let length = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = bytes[i];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { length, bytes: i + 1 };
  }
  return null;
}

class Records {
  readonly #decoder = new MessageDecoder();
  readonly #types: ReadonlyMap<string, ValueType>;
  #batch = new BatchBuilder();
  #bytes = 0;
  count = 0;

  constructor(
    private readonly type: Type,
    private readonly uri: string,
  ) {
    this.#types = new Map(
      type.fieldsArray.flatMap((field) => {
        const known = field.repeated || field.map ? undefined : TYPES.get(field.type);
        return known === undefined ? [] : [[field.jsonName ?? field.name, known] as const];
      }),
    );
  }

  add(bytes: Uint8Array, position: number): void {
    this.#bytes += bytes.length;
    this.count++;
    try {
      const reader = protobuf.Reader.create(bytes);
      const members = this.#decoder.decode(this.type, reader, bytes.length);
      if (reader.pos !== bytes.length) throw new RangeError('it does not end where it should');
      for (const [name, value] of Object.entries(members)) this.#batch.set(name, value);
      this.#batch.endRecord();
    } catch (error) {
      this.lose(position, (error as Error).message);
    }
  }

  lose(position: number, why: string): void {
    this.#batch.bad(
      `${this.uri} at byte ${position}`,
      `not a message of type ${this.type.name}: ${why}`,
    );
  }

  take(): InputBatch {
    const batch = this.#batch.build(this.#bytes);
    this.#batch = new BatchBuilder();
    this.#bytes = 0;
    this.count = 0;
    return { ...batch, types: this.#types };
  }
}
