import { utf8Decode } from '../../../../core/index.js';
import type { AvroInput } from './data-input.js';
import { Defaults } from './defaults.js';
import {
  type AvroField,
  type AvroType,
  type Decimal,
  type NamedType,
  type RecordType,
  shortName,
  type UnionType,
} from './schema.js';

/** Reads one value. Throws RangeError for what does not fit the bytes or the schemas. */
export type Decode = (input: AvroInput) => unknown;

export interface DecodeOptions {
  /** Bytes are texts in UTF-8; otherwise they are byte arrays. */
  readonly binaryAsString: boolean;
  /** A value of a union of several types is an object with one member, named as the type is. */
  readonly extractUnionsByType: boolean;
}

/** A type that may be read as another one, which is wider. */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/**
 * Compiles what reads values that were written by one schema as another one says, by the rules of Avro 1.11, "Schema
 * Resolution". Values are as those of JSON, 64-bit integers exact; decimals are the nearest doubles.
 */
export class Decoders {
  /** By writer and reader: records that may hold themselves. */
  readonly #records = new Map<RecordType, Map<RecordType, Decode>>();
  readonly #defaults: Defaults;

  constructor(private readonly options: DecodeOptions) {
    this.#defaults = new Defaults(options);
  }

  /** What reads values of `writer` as `reader`; where that cannot be, it throws when a value comes. */
  decoder(writer: AvroType, reader: AvroType): Decode {
    if (writer.kind === 'union') {
      const branches = writer.branches.map((branch) => this.decoder(branch, reader));
      return (input) => branchOf(branches, input)(input);
    }
    if (reader.kind === 'union') return this.#intoUnion(writer, reader);
    if (!fits(writer, reader)) return refusal(writer, reader);
    return this.#plain(writer, reader);
  }

  /** One decoder per field of the reader, in the order in which the writer wrote them; and fields that nobody wrote. */
  fields(writer: RecordType, reader: RecordType): readonly FieldStep[] {
    const left = new Set(reader.fields.keys());
    const steps = writer.fields.map((field): FieldStep => {
      const index = reader.fields.findIndex((wanted) => isSame(field.name, wanted));
      left.delete(index);
      const wanted = reader.fields[index];
      // What nobody wants is read and dropped: only so is it known where the next field begins.
      return { index, decode: this.decoder(field.type, wanted?.type ?? field.type) };
    });
    const absent = [...left].map((index) => {
      return { index, decode: this.#defaults.field(reader, reader.fields[index]!) };
    });
    return [...steps, ...absent];
  }

  #intoUnion(writer: Exclude<AvroType, UnionType>, reader: UnionType): Decode {
    const { branches } = reader;
    const branch =
      branches.find((one) => one === writer) ??
      branches.find((one) => one.kind === writer.kind && fits(writer, one)) ??
      branches.find((one) => fits(writer, one));
    if (branch === undefined) return refusal(writer, reader);
    const decode = this.decoder(writer, branch);
    const isLabelled = this.options.extractUnionsByType && hasSeveral(reader);
    if (!isLabelled || branch.kind === 'null') return decode;
    const label = labelOf(branch);
    return (input) => ({ [label]: decode(input) });
  }

  #plain(writer: Exclude<AvroType, UnionType>, reader: AvroType): Decode {
    switch (writer.kind) {
      case 'null':
        return () => null;
      case 'boolean':
        return (input) => input.boolean();
      case 'int':
      case 'long':
        return (input) => input.long();
      case 'float':
        return (input) => input.float();
      case 'double':
        return (input) => input.double();
      case 'string':
        return reader.kind === 'bytes' ? this.#bytes(null) : (input) => input.text();
      case 'bytes':
        if (reader.kind === 'string') return (input) => input.text();
        return this.#bytes(reader.kind === 'bytes' ? reader.decimal : null);
      case 'fixed':
        return this.#fixed(writer.size, reader.kind === 'fixed' ? reader.decimal : null);
      case 'enum':
        return enumDecoder(writer.symbols, reader as NamedType & { kind: 'enum' });
      case 'array':
        return arrayDecoder(this.decoder(writer.items, (reader as typeof writer).items));
      case 'map':
        return mapDecoder(this.decoder(writer.values, (reader as typeof writer).values));
      case 'record':
        return this.#record(writer, reader as RecordType);
    }
  }

  #bytes(decimal: Decimal | null): Decode {
    if (decimal !== null) return (input) => decimalOf(input.blob(), decimal);
    if (this.options.binaryAsString) return (input) => utf8Decode(input.blob());
    return (input) => input.blob().slice();
  }

  #fixed(size: number, decimal: Decimal | null): Decode {
    if (decimal !== null) return (input) => decimalOf(input.raw(size), decimal);
    if (this.options.binaryAsString) return (input) => utf8Decode(input.raw(size));
    return (input) => input.raw(size).slice();
  }

  #record(writer: RecordType, reader: RecordType): Decode {
    const known = this.#records.get(writer)?.get(reader);
    if (known !== undefined) return known;
    let steps: readonly FieldStep[] = [];
    const names = reader.fields.map(({ name }) => name);
    const decode: Decode = (input) => {
      input.enter();
      const record: Record<string, unknown> = {};
      for (const step of steps) {
        const value = step.decode(input);
        if (step.index >= 0) setOwn(record, names[step.index]!, value);
      }
      input.leave();
      return record;
    };
    const byReader = this.#records.get(writer) ?? new Map<RecordType, Decode>();
    this.#records.set(writer, byReader.set(reader, decode));
    steps = this.fields(writer, reader);
    return decode;
  }
}

/** Reads a field; -1 is the index of one that the reader does not want. */
export interface FieldStep {
  readonly index: number;
  readonly decode: Decode;
}

function fits(writer: Exclude<AvroType, UnionType>, reader: AvroType): boolean {
  if (writer === reader) return true;
  if (writer.kind !== reader.kind) return PROMOTIONS[writer.kind]?.includes(reader.kind) ?? false;
  if (writer.kind === 'fixed') {
    return (
      isNamedAlike(writer, reader as NamedType) && writer.size === (reader as typeof writer).size
    );
  }
  const isNamed = writer.kind === 'record' || writer.kind === 'enum';
  return !isNamed || isNamedAlike(writer, reader as NamedType);
}

/** Namespaces are not compared: schemas move more often than they change their meaning. */
const isNamedAlike = (writer: NamedType, reader: NamedType): boolean =>
  shortName(writer.name) === shortName(reader.name) ||
  reader.aliases.some((alias) => shortName(alias) === shortName(writer.name));

const isSame = (name: string, wanted: AvroField): boolean =>
  wanted.name === name || wanted.aliases.includes(name);

const refusal =
  (writer: AvroType, reader: AvroType): Decode =>
  () => {
    throw new RangeError(`${labelOf(writer)} cannot be read as ${labelOf(reader)}`);
  };

function branchOf(branches: readonly Decode[], input: AvroInput): Decode {
  const index = input.long();
  const branch = typeof index === 'number' ? branches[index] : undefined;
  if (branch === undefined) throw new RangeError(`a union has no type ${index}`);
  return branch;
}

/** A type's name, as `extractUnionsByType` shows it. */
const labelOf = (type: AvroType): string => ('name' in type ? shortName(type.name) : type.kind);

const hasSeveral = ({ branches }: UnionType): boolean =>
  branches.filter(({ kind }) => kind !== 'null').length > 1;

function enumDecoder(
  written: readonly string[],
  { symbols, whenUnknown }: { symbols: readonly string[]; whenUnknown: string | null },
): Decode {
  const known = new Set(symbols);
  return (input) => {
    const index = input.long();
    const symbol = typeof index === 'number' ? written[index] : undefined;
    if (symbol === undefined) throw new RangeError(`an enum has no symbol ${index}`);
    if (known.has(symbol)) return symbol;
    if (whenUnknown !== null) return whenUnknown;
    throw new RangeError(`the enum symbol ${symbol} is not known to the reader`);
  };
}

const arrayDecoder =
  (decode: Decode): Decode =>
  (input) => {
    const items: unknown[] = [];
    input.items(() => items.push(decode(input)));
    return items;
  };

const mapDecoder =
  (decode: Decode): Decode =>
  (input) => {
    const map: Record<string, unknown> = {};
    input.items(() => setOwn(map, input.text(), decode(input)));
    return map;
  };

/** Sets a member whatever its name is: `__proto__` is one like all others. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else {
    const own = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(object, name, own);
  }
}

/** The double nearest to a big-endian integer over a power of ten. */
function decimalOf(bytes: Uint8Array, { scale }: Decimal): number {
  let integer = 0n;
  for (const byte of bytes) integer = (integer << 8n) | BigInt(byte);
  return Number(`${BigInt.asIntN(bytes.length * 8, integer)}e${-scale}`);
}
