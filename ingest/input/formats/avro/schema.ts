import { isJsonObject, type JsonObject, UserError } from '../../../../core/index.js';
import { shown } from '../../../spec/fields.js';

export type PrimitiveKind =
  | 'null'
  | 'boolean'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'bytes'
  | 'string';

/** A number kept as an integer in bytes; `scale` digits of it stand behind the point. */
export interface Decimal {
  readonly scale: number;
}

export interface PrimitiveType {
  readonly kind: PrimitiveKind;
  /** Of bytes. */
  readonly decimal: Decimal | null;
}

export interface FixedType {
  readonly kind: 'fixed';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly size: number;
  readonly decimal: Decimal | null;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly symbols: readonly string[];
  /** What an unknown symbol is read as; null: an error. */
  readonly whenUnknown: string | null;
}

export interface RecordType {
  readonly kind: 'record';
  readonly name: string;
  readonly aliases: readonly string[];
  /** Filled after the record is known, since its fields may be of its own type. */
  readonly fields: AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  /** As JSON; undefined where there is none. */
  readonly whenAbsent: unknown;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly items: AvroType;
}

export interface MapType {
  readonly kind: 'map';
  readonly values: AvroType;
}

export interface UnionType {
  readonly kind: 'union';
  readonly branches: readonly AvroType[];
}

export type NamedType = RecordType | EnumType | FixedType;

/** A parsed schema; names are full ones. Types may hold themselves. */
export type AvroType = PrimitiveType | NamedType | ArrayType | MapType | UnionType;

const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveKind>([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/** Reads an Avro schema, given as JSON. Throws UserError that names `field` for what is none. */
export function parseSchema(json: unknown, field: string): AvroType {
  return new SchemaParser(field).parse(json, '');
}

class SchemaParser {
  readonly #named = new Map<string, NamedType>();

  constructor(private readonly field: string) {}

  /** Reads a type whose names are relative to `namespace`. */
  parse(json: unknown, namespace: string): AvroType {
    if (typeof json === 'string') return this.#named_(json, namespace);
    if (Array.isArray(json)) return this.#union(json, namespace);
    if (!isJsonObject(json)) throw this.#fail(`want a type; got ${shown(json)}`);
    const { type } = json;
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(json, namespace);
      case 'enum':
        return this.#enum(json, namespace);
      case 'fixed':
        return this.#fixed(json, namespace);
      case 'array':
        return { kind: 'array', items: this.parse(json.items, namespace) };
      case 'map':
        return { kind: 'map', values: this.parse(json.values, namespace) };
      case 'bytes':
        return { kind: 'bytes', decimal: decimalOf(json) };
      default:
        // `{"type": {"type": "string"}}` and attributes of ours or others beside a plain name.
        return this.parse(type, namespace);
    }
  }

  #named_(name: string, namespace: string): AvroType {
    if (PRIMITIVES.has(name)) return { kind: name as PrimitiveKind, decimal: null };
    const found = this.#named.get(fullName(name, namespace)) ?? this.#named.get(name);
    if (found !== undefined) return found;
    throw this.#fail(`there is no type ${shown(name)}`);
  }

  #union(json: readonly unknown[], namespace: string): UnionType {
    const branches = json.map((branch) => this.parse(branch, namespace));
    if (branches.length === 0) throw this.#fail('a union has no types');
    if (branches.some(({ kind }) => kind === 'union')) throw this.#fail('a union holds a union');
    return { kind: 'union', branches };
  }

  #record(json: JsonObject, outer: string): RecordType {
    const { name, namespace, aliases } = this.#names(json, outer);
    const fields: AvroField[] = [];
    const record: RecordType = { kind: 'record', name, aliases, fields };
    this.#named.set(name, record);
    if (!Array.isArray(json.fields)) throw this.#fail(`the record ${name} has no fields`);
    for (const field of json.fields) fields.push(this.#field(field, namespace, name));
    return record;
  }

  #field(json: unknown, namespace: string, record: string): AvroField {
    if (!isJsonObject(json) || typeof json.name !== 'string' || json.name === '') {
      throw this.#fail(`a field of ${record} has no name: ${shown(json)}`);
    }
    return {
      name: json.name,
      aliases: textsOf(json.aliases),
      type: this.parse(json.type, namespace),
      whenAbsent: json.default,
    };
  }

  #enum(json: JsonObject, outer: string): EnumType {
    const { name, aliases } = this.#names(json, outer);
    const whenUnknown = typeof json.default === 'string' ? json.default : null;
    const type: EnumType = {
      kind: 'enum',
      name,
      aliases,
      symbols: textsOf(json.symbols),
      whenUnknown,
    };
    this.#named.set(name, type);
    return type;
  }

  #fixed(json: JsonObject, outer: string): FixedType {
    const { name, aliases } = this.#names(json, outer);
    const { size } = json;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw this.#fail(`the size of ${name} is ${shown(size)}`);
    }
    const type: FixedType = { kind: 'fixed', name, aliases, size, decimal: decimalOf(json) };
    this.#named.set(name, type);
    return type;
  }

  #names(
    json: JsonObject,
    outer: string,
  ): { name: string; namespace: string; aliases: readonly string[] } {
    if (typeof json.name !== 'string' || json.name === '') {
      throw this.#fail(`a type has no name: ${shown(json)}`);
    }
    const within = typeof json.namespace === 'string' ? json.namespace : outer;
    const name = fullName(json.name, within);
    const namespace = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    if (this.#named.has(name)) throw this.#fail(`the name ${shown(name)} stands twice`);
    return { name, namespace, aliases: textsOf(json.aliases) };
  }

  #fail(why: string): UserError {
    return new UserError(`${this.field}: not an Avro schema: ${why}`, 'spec', this.field);
  }
}

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;

/** A name without its namespace. */
export const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

const textsOf = (json: unknown): readonly string[] =>
  Array.isArray(json) ? json.filter((text) => typeof text === 'string') : [];

/** Other logical types say nothing that a store wants to know: their numbers are read as they are. */
function decimalOf({ logicalType, scale }: JsonObject): Decimal | null {
  if (logicalType !== 'decimal') return null;
  const digits = typeof scale === 'number' && Number.isSafeInteger(scale) ? scale : 0;
  return { scale: digits };
}
