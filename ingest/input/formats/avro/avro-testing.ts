import { utf8Encode } from '../../../../core/index.js';

/** For tests: a container file of rows, `perBlock` of them in a block; `change` may change the bytes of a block. */
export function containerOf(
  schema: unknown,
  rows: readonly object[],
  perBlock: number,
  change: (bytes: readonly number[]) => readonly number[] = (bytes) => bytes,
): Uint8Array {
  const sync = Array.from({ length: 16 }, (_, i) => i * 7);
  const metadata = [...long(1), ...text('avro.schema'), ...text(JSON.stringify(schema)), 0];
  const bytes = [...utf8Encode('Obj\u0001'), ...metadata, ...sync];
  for (let at = 0; at < rows.length; at += perBlock) {
    const block = rows.slice(at, at + perBlock);
    const body = change(block.flatMap((row) => datum(schema, row)));
    bytes.push(...long(block.length), ...long(body.length), ...body, ...sync);
  }
  return Uint8Array.from(bytes);
}

/** For tests: a value in Avro's binary encoding. Records may be named; other types are written out. */
export function datum(
  schema: unknown,
  value: unknown,
  named = new Map<string, unknown>(),
): number[] {
  if (Array.isArray(schema)) {
    const index = schema.findIndex((type) => (value === null) === (type === 'null'));
    return [...long(index), ...datum(schema[index], value, named)];
  }
  if (typeof schema === 'string' && named.has(schema))
    return datum(named.get(schema), value, named);
  const { type, name, fields, items, values } = (
    typeof schema === 'string' ? { type: schema } : schema
  ) as {
    type: string;
    name: string;
    fields: { name: string; type: unknown }[];
    items: unknown;
    values: unknown;
  };
  switch (type) {
    case 'null':
      return [];
    case 'boolean':
      return [value === true ? 1 : 0];
    case 'int':
    case 'long':
      return long(value as number);
    case 'double':
      return [...new Uint8Array(Float64Array.of(value as number).buffer)];
    case 'float':
      return [...new Uint8Array(Float32Array.of(value as number).buffer)];
    case 'string':
      return text(value as string);
    case 'bytes':
      return [...long((value as Uint8Array).length), ...(value as Uint8Array)];
    case 'array': {
      const list = value as unknown[];
      if (list.length === 0) return [0];
      return [...long(list.length), ...list.flatMap((item) => datum(items, item, named)), 0];
    }
    case 'map': {
      const members = Object.entries(value as object);
      if (members.length === 0) return [0];
      // A negative count, with the size of the block behind it.
      const body = members.flatMap(([key, member]) => [
        ...text(key),
        ...datum(values, member, named),
      ]);
      return [...long(-members.length), ...long(body.length), ...body, 0];
    }
    default:
      named.set(name, schema);
      return fields.flatMap((field) =>
        datum(field.type, (value as Record<string, unknown>)[field.name], named),
      );
  }
}

function long(value: number | bigint): number[] {
  const wide = BigInt(value);
  let left = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n));
  const bytes: number[] = [];
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

function text(value: string): number[] {
  const bytes = utf8Encode(value);
  return [...long(bytes.length), ...bytes];
}
