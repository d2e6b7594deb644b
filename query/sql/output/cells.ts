import { doubleToLong, formatDouble, formatFloat, stringifyJson } from '../../../core/index.js';
import {
  complexName,
  complexType,
  formatInstant,
  Json,
  type Scalar,
  type Value,
} from '../../../model/index.js';
import { elementOf, isArray, isComplex, type SqlType } from '../algebra/types.js';

export interface CellOptions {
  /** Times are printed in this zone. */
  readonly timeZone: string;
  /** Arrays are sent as a text that holds JSON. */
  readonly stringifyArrays: boolean;
}

/** A value as it is sent: `json` is its JSON text, `text` the bare text of a CSV field. */
export interface Cell {
  readonly json: string;
  readonly text: string;
}

const NULL: Cell = { json: 'null', text: '' };
const plain = (text: string): Cell => ({ json: text, text });
const quoted = (text: string): Cell => ({ json: JSON.stringify(text), text });

/** How the values of a column are written. */
export function cellWriter(type: SqlType, options: CellOptions): (value: Value) => Cell {
  const write = writerOf(type, options);
  return (value) => (value === null ? NULL : write(value));
}

function writerOf(type: SqlType, options: CellOptions): (value: Exclude<Value, null>) => Cell {
  if (isComplex(type)) return (value) => complexCell(type, value);
  if (isArray(type)) return (value) => arrayCell(value, elementOf(type), options.stringifyArrays);
  switch (type) {
    case 'BIGINT':
      return (value) => plain(String(typeof value === 'number' ? doubleToLong(value) : value));
    case 'DOUBLE':
      return (value) => numberCell(formatDouble(Number(value)));
    case 'FLOAT':
      return (value) => numberCell(formatFloat(Number(value)));
    case 'BOOLEAN':
      return (value) => plain(Number(value) > 0 ? 'true' : 'false');
    case 'TIMESTAMP':
    case 'DATE':
      return (value) => quoted(formatInstant(Number(value), options.timeZone));
    default:
      return (value) =>
        Array.isArray(value) ? arrayCell(value, 'VARCHAR', true) : quoted(String(value));
  }
}

/** JSON has no NaN and no infinities: they are sent as texts. */
const numberCell = (text: string): Cell => (/[a-z]/.test(text) ? quoted(text) : plain(text));

function arrayCell(value: Value, element: SqlType, stringify: boolean): Cell {
  const elements = (Array.isArray(value) ? value : [value]) as readonly Scalar[];
  const text = `[${elements.map((item) => elementJson(item, element)).join(',')}]`;
  return stringify ? quoted(text) : { json: text, text };
}

function elementJson(value: Scalar, type: SqlType): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  return type === 'DOUBLE' ? numberCell(formatDouble(Number(value))).json : String(value);
}

/** JSON as a text of JSON, sketches as base64 of their bytes. */
function complexCell(type: `COMPLEX<${string}>`, value: Exclude<Value, null>): Cell {
  const name = complexName(type);
  if (name === 'json') return quoted(value instanceof Json ? value.text : stringifyJson(value));
  if (typeof value !== 'object') return quoted(String(value));
  return quoted(Buffer.from(complexType(name).encode(value)).toString('base64'));
}
