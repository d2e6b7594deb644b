import { isJsonObject, utf8Decode } from '../../../../core/index.js';
import type { Decode, DecodeOptions } from './decode.js';
import type { AvroField, AvroType, RecordType } from './schema.js';

/** Values of fields that the writer did not know. */
export class Defaults {
  constructor(private readonly options: Pick<DecodeOptions, 'binaryAsString'>) {}

  /** What gives a field's default; where there is none it throws when a record comes. */
  field(record: RecordType, { name, type, whenAbsent }: AvroField): Decode {
    if (whenAbsent === undefined) {
      return () => {
        throw new RangeError(
          `${record.name} has no field ${name}, and the reader no default for it`,
        );
      };
    }
    const value = this.#value(type, whenAbsent);
    return () => value;
  }

  /** The default that stands as JSON in a schema; that of a union is of its first type. */
  #value(type: AvroType, json: unknown): unknown {
    switch (type.kind) {
      case 'union':
        return this.#value(type.branches[0]!, json);
      case 'bytes':
      case 'fixed':
        return this.#bytes(json);
      case 'array':
        return Array.isArray(json) ? json.map((item) => this.#value(type.items, item)) : json;
      case 'map':
        return mapped(
          json,
          () => type.values,
          (inner, value) => this.#value(inner, value),
        );
      case 'record': {
        const types = new Map(type.fields.map((field) => [field.name, field.type]));
        return mapped(
          json,
          (name) => types.get(name),
          (inner, value) => this.#value(inner, value),
        );
      }
      default:
        return json;
    }
  }

  /** Bytes stand as characters up to U+00FF. */
  #bytes(json: unknown): unknown {
    const bytes = Uint8Array.from(Buffer.from(String(json), 'latin1'));
    return this.options.binaryAsString ? utf8Decode(bytes) : bytes;
  }
}

function mapped(
  json: unknown,
  typeOf: (name: string) => AvroType | undefined,
  map: (type: AvroType, value: unknown) => unknown,
): unknown {
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      const type = typeOf(name);
      return [name, type === undefined ? value : map(type, value)];
    }),
  );
}
