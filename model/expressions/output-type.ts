import { UserError } from '../../core/index.js';
import { complexType } from '../complex-types.js';
import { type ColumnReader, memoised } from '../rows.js';
import { isArrayType, JSON_TYPE, type Scalar, type Value, type ValueType } from '../types.js';
import { valueCaster } from './cast.js';

const OUTPUT_TYPES: readonly ValueType[] = [
  'STRING',
  'LONG',
  'DOUBLE',
  'FLOAT',
  'ARRAY<STRING>',
  'ARRAY<LONG>',
  'ARRAY<DOUBLE>',
  JSON_TYPE,
];

/** FLOAT when absent, as in Druid. */
export function outputTypeOf(text: string | null, field: string): ValueType {
  if (text === null) return 'FLOAT';
  const wanted = text.toUpperCase();
  const type = OUTPUT_TYPES.find((known) => known.toUpperCase() === wanted);
  if (type !== undefined) return type;
  if (/^COMPLEX<\w+>$/.test(text)) return `COMPLEX<${complexType(text.slice(8, -1)).name}>`;
  throw new UserError(
    `${field}: want one of ${OUTPUT_TYPES.join(', ')}; got ${JSON.stringify(text)}`,
    'query',
    field,
  );
}

/** A reader whose values have another type, converted once per distinct value where there is a dictionary. */
export function castReader(reader: ColumnReader, type: ValueType): ColumnReader {
  if (reader.type === type && (type === 'STRING' || !reader.multiValue)) return reader;
  const convert = cellCaster(reader, type);
  const multiValue = type === 'STRING' && (reader.multiValue || isArrayType(reader.type));
  const get = memoised(reader, convert);
  const { exists, dictionary } = reader;
  if (dictionary === undefined) return { type, multiValue, exists, get };
  return {
    type,
    multiValue,
    exists,
    get,
    dictionary: {
      get size() {
        return dictionary.size;
      },
      id: () => dictionary.id(),
      value: (id) => convert(dictionary.value(id)),
    },
  };
}

/** Casts cells. Between arrays and multi-value texts a list stays one; as a number it is null. */
function cellCaster({ type }: ColumnReader, to: ValueType): (cell: Value) => Value {
  if (to === 'STRING' && isArrayType(type)) {
    const convert = valueCaster(type, 'ARRAY<STRING>');
    return (cell) => {
      const list = convert(cell) as readonly Scalar[] | null;
      return list === null || list.length > 1 ? list : (list[0] ?? null);
    };
  }
  const convert = valueCaster(type, to);
  if (to === 'STRING' || isArrayType(to) || isArrayType(type)) return convert;
  return (cell) => (Array.isArray(cell) ? null : convert(cell));
}
