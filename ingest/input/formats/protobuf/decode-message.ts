import protobuf, {
  type Enum,
  type FieldBase,
  type MapField,
  type Reader,
  type Type,
} from 'protobufjs';
import { type Long, toLong } from '../../../../core/index.js';
import { wellKnown } from './well-known.js';

/** As deep as messages may be nested in one another. */
const MAX_DEPTH = 100;

/** Wire types: how a value is written. */
const GROUP = 3;
const END_GROUP = 4;
/** With its length before it. */
const LENGTH = 2;

type Members = Record<string, unknown>;

/**
 * Decodes messages of types that are known from descriptors only. Members have their names in JSON; fields that are not set are not there.
 * Everything throws RangeError for bytes that are no such message.
 */
export class MessageDecoder {
  /** By type: its fields by number. */
  readonly #fields = new Map<Type, ReadonlyMap<number, FieldBase>>();

  /** A message up to `end`, with its members over those of `begun`: a message may come in parts. */
  decode(type: Type, reader: Reader, end: number, depth = 0, begun: Members = {}): Members {
    if (depth > MAX_DEPTH) throw new RangeError(`it is nested more than ${MAX_DEPTH} deep`);
    const fields = this.#fieldsOf(type);
    while (reader.pos < end) {
      const tag = reader.uint32();
      const wire = tag & 7;
      if (wire === END_GROUP) return begun;
      const field = fields.get(tag >>> 3);
      if (field === undefined || !isOfWire(field, wire)) reader.skipType(wire);
      else this.#read(field, wire, reader, depth, begun);
    }
    if (reader.pos > end) throw new RangeError('a message is longer than it says');
    return begun;
  }

  #fieldsOf(type: Type): ReadonlyMap<number, FieldBase> {
    let fields = this.#fields.get(type);
    if (fields === undefined) {
      fields = new Map(type.fieldsArray.map((field) => [field.id, field.resolve()]));
      this.#fields.set(type, fields);
    }
    return fields;
  }

  #read(field: FieldBase, wire: number, reader: Reader, depth: number, members: Members): void {
    const name = field.jsonName ?? field.name;
    const known = Object.hasOwn(members, name) ? members[name] : undefined;
    // Of a union, the last one that comes is the one.
    for (const other of field.partOf?.fieldsArray ?? []) {
      if (other !== field) delete members[other.jsonName ?? other.name];
    }
    if (field.map) {
      const [key, value] = this.#entry(field as MapField, reader, depth);
      setOwn(members, name, setOwn((known as Members) ?? {}, key, value));
    } else if (!field.repeated) {
      setOwn(members, name, this.#value(field, wire, reader, depth, known));
    } else {
      const list = (known as unknown[]) ?? [];
      if (wire === LENGTH && isPackable(field)) this.#packed(field, reader, list);
      else list.push(this.#value(field, wire, reader, depth, undefined));
      setOwn(members, name, list);
    }
  }

  #packed(field: FieldBase, reader: Reader, list: unknown[]): void {
    const end = this.#end(reader);
    while (reader.pos < end) list.push(scalar(field, reader));
  }

  /** An entry of a map is a message of key and value. */
  #entry(field: MapField, reader: Reader, depth: number): readonly [string, unknown] {
    const end = this.#end(reader);
    let key: unknown;
    let value: unknown;
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) key = plain(field.keyType, reader);
      else if (tag >>> 3 === 2) value = this.#value(field, tag & 7, reader, depth, undefined);
      else reader.skipType(tag & 7);
    }
    return [String(key ?? (field.keyType === 'string' ? '' : 0)), value ?? whenUnset(field)];
  }

  #value(field: FieldBase, wire: number, reader: Reader, depth: number, known: unknown): unknown {
    const { resolvedType } = field;
    if (resolvedType === null || !isMessage(resolvedType)) return scalar(field, reader);
    const end = wire === GROUP ? reader.len : this.#end(reader);
    const convert = wellKnown(resolvedType.fullName);
    const isPart = convert === null && typeof known === 'object' && known !== null;
    const members = this.decode(
      resolvedType,
      reader,
      end,
      depth + 1,
      isPart ? (known as Members) : {},
    );
    return convert === null ? members : convert(members);
  }

  #end(reader: Reader): number {
    const length = reader.uint32();
    if (length > reader.len - reader.pos) throw new RangeError('the bytes end');
    return reader.pos + length;
  }
}

const isMessage = (type: Type | Enum): type is Type => 'fieldsArray' in type;

const WIRE_TYPES: Readonly<Record<string, number>> = protobuf.types.basic;

/** Whether a field is written so; one that is not is of another message, and passed over like those that are not known. */
function isOfWire(field: FieldBase, wire: number): boolean {
  const { type, resolvedType, map, repeated } = field;
  if (map) return wire === LENGTH;
  if (resolvedType !== null && isMessage(resolvedType)) return wire === LENGTH || wire === GROUP;
  if (repeated && wire === LENGTH && isPackable(field)) return true;
  return wire === (resolvedType === null ? WIRE_TYPES[type] : 0);
}

const isPackable = ({ type, resolvedType }: FieldBase): boolean =>
  type !== 'string' && type !== 'bytes' && (resolvedType === null || !isMessage(resolvedType));

/** A value that is no message. */
function scalar({ type, resolvedType }: FieldBase, reader: Reader): unknown {
  if (resolvedType === null || isMessage(resolvedType)) return plain(type, reader);
  const number = reader.int32();
  if (resolvedType.fullName === '.google.protobuf.NullValue') return null;
  return resolvedType.valuesById[number] ?? number;
}

function plain(type: string, reader: Reader): unknown {
  switch (type) {
    case 'int64':
    case 'sint64':
    case 'sfixed64':
      return signed(reader[type]());
    case 'uint64':
    case 'fixed64':
      return unsigned(reader[type]());
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'fixed32':
    case 'sfixed32':
    case 'float':
    case 'double':
    case 'bool':
    case 'string':
      return reader[type]();
    case 'bytes':
      return Uint8Array.from(reader.bytes());
    default:
      throw new RangeError(`a field is of the unknown type ${type}`);
  }
}

/** A value of a map that its entry does not have. */
function whenUnset({ type, resolvedType }: FieldBase): unknown {
  if (resolvedType !== null)
    return isMessage(resolvedType) ? {} : (resolvedType.valuesById[0] ?? 0);
  if (type === 'string') return '';
  if (type === 'bytes') return new Uint8Array(0);
  return type === 'bool' ? false : 0;
}

/** What the library makes of 64 bits: two halves. */
type Halves = { readonly low: number; readonly high: number } | number | bigint;

const bitsOf = (halves: Halves): bigint => {
  if (typeof halves !== 'object') return BigInt(halves);
  return (BigInt(halves.high) << 32n) | BigInt(halves.low >>> 0);
};

const signed = (halves: Halves): Long => toLong(bitsOf(halves));

/** Beyond 64 bits with a sign it is a double, as in JSON. */
function unsigned(halves: Halves): Long {
  const bits = BigInt.asUintN(64, bitsOf(halves));
  return bits < 2n ** 63n ? toLong(bits) : Number(bits);
}

/** Sets a member whatever its name is: `__proto__` is one like all others. */
function setOwn(members: Members, name: string, value: unknown): Members {
  if (name !== '__proto__') members[name] = value;
  else {
    const own = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(members, name, own);
  }
  return members;
}
