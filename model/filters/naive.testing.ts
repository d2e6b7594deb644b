import type { JsonObject } from '../../core/index.js';
import type { Value } from '../types.js';

/**
 * An oracle for filters: slow, over row objects, and written without the filters in sight. Answers
 * 1 (true), 0 (false) or 0.5 (unknown), so that AND is the minimum, OR the maximum, NOT 1 - x.
 */
export type Truth = 0 | 0.5 | 1;

export type ColumnKind = 'STRING' | 'LONG' | 'DOUBLE' | 'FLOAT' | 'ARRAY<LONG>' | 'MISSING';

export interface NaiveRow {
  readonly kinds: Readonly<Record<string, ColumnKind>>;
  readonly cells: Readonly<Record<string, Value>>;
}

type Json = Record<string, unknown>;
type Cell = string | number | bigint | null;

export function naiveTruth(filter: JsonObject, row: NaiveRow): Truth {
  const f = filter as Json & { fields: JsonObject[]; field: JsonObject };
  switch (f.type) {
    case 'and':
      return Math.min(...f.fields.map((inner) => naiveTruth(inner, row))) as Truth;
    case 'or':
      return Math.max(...f.fields.map((inner) => naiveTruth(inner, row))) as Truth;
    case 'not':
      return (1 - naiveTruth(f.field, row)) as Truth;
    case 'istrue':
      return naiveTruth(f.field, row) === 1 ? 1 : 0;
    case 'isfalse':
      return naiveTruth(f.field, row) === 0 ? 1 : 0;
    case 'true':
      return 1;
    case 'false':
      return 0;
    default:
      return naiveLeaf(f, row);
  }
}

function naiveLeaf(f: Json, row: NaiveRow): Truth {
  const column = String(f.dimension ?? f.column);
  const kind = row.kinds[column] ?? 'MISSING';
  const cell = (row.cells[column] ?? null) as Cell | Cell[];
  if (kind === 'ARRAY<LONG>') return naiveArray(f, cell as Cell[] | null);
  const elements = Array.isArray(cell) ? cell : [cell];
  return Math.max(...elements.map((element) => naiveElement(f, element, kind))) as Truth;
}

const sure = (holds: boolean): Truth => (holds ? 1 : 0);

function naiveElement(f: Json, value: Cell, kind: ColumnKind): Truth {
  if (value === null) return naiveNull(f);
  const isText = typeof value === 'string';
  const texts = (list: unknown) =>
    (list as unknown[]).filter((one) => one !== null).map((one) => String(one));
  switch (f.type) {
    case 'null':
      return 0;
    case 'selector':
      return sure(f.value !== null && f.value !== undefined && same(value, String(f.value), kind));
    case 'equals':
      return sure(same(value, castText(f.matchValue, String(f.matchValueType)), kind));
    case 'in':
      return sure(texts(f.values).some((text) => same(value, text, kind)));
    case 'inType':
      return sure(
        ((f.values ?? f.sortedValues) as unknown[]).some(
          (one) => one !== null && same(value, castText(one, String(f.matchValueType)), kind),
        ),
      );
    case 'bound': {
      const numeric = f.ordering === 'numeric';
      const lower = f.lower === undefined ? null : String(f.lower);
      const upper = f.upper === undefined ? null : String(f.upper);
      return sure(between(value, kind, numeric, lower, upper, !!f.lowerStrict, !!f.upperStrict));
    }
    case 'range': {
      const numeric = f.matchValueType !== 'STRING' || !isText;
      const lower = f.lower === undefined ? null : castText(f.lower, String(f.matchValueType));
      const upper = f.upper === undefined ? null : castText(f.upper, String(f.matchValueType));
      return sure(between(value, kind, numeric, lower, upper, !!f.lowerOpen, !!f.upperOpen));
    }
    case 'like':
      return sure(likeByHand(textOf(value, kind), String(f.pattern)));
    case 'textMatch':
      return sure(phraseByHand(textOf(value, kind), String(f.query)));
    case 'regex':
      return sure(new RegExp(String(f.pattern), 'u').test(textOf(value, kind)));
    case 'search': {
      const needle = String((f.query as Json).value);
      return sure(textOf(value, kind).toLowerCase().indexOf(needle.toLowerCase()) >= 0);
    }
    case 'interval': {
      const number = scaled(textOf(value, kind));
      const spans = (f.intervals as string[]).map((text) =>
        text.split('/').map((end) => BigInt(Date.parse(end)) * SCALE),
      );
      return sure(
        number !== null && spans.some(([start, end]) => number >= start! && number < end!),
      );
    }
    default:
      throw new Error(`the oracle does not know ${String(f.type)}`);
  }
}

function naiveNull(f: Json): Truth {
  switch (f.type) {
    case 'null':
      return 1;
    case 'selector':
      return f.value === null || f.value === undefined ? 1 : 0.5;
    case 'in':
    case 'inType': {
      const values = (f.values ?? f.sortedValues) as unknown[];
      if (values.length === 0) return 0;
      return values.includes(null) ? 1 : 0.5;
    }
    case 'bound':
      return f.lower === undefined ? 1 : 0.5;
    default:
      return 0.5;
  }
}

function naiveArray(f: Json, cell: Cell[] | null): Truth {
  if (f.type === 'null') return sure(cell === null);
  if (cell === null) return 0.5;
  const wanted = f.matchValue as Cell | Cell[];
  const list = Array.isArray(wanted) ? wanted : [wanted];
  return sure(list.length === cell.length && cell.every((one, i) => one === list[i]));
}

/** Java's text of small numbers, all that the tests make. */
function textOf(value: string | number | bigint, kind: ColumnKind): string {
  const text = kind === 'FLOAT' ? String(Number(Number(value).toPrecision(6))) : String(value);
  return (kind === 'DOUBLE' || kind === 'FLOAT') && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function castText(value: unknown, type: string): string {
  const text = String(value);
  return type === 'DOUBLE' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

const SCALE = 10n ** 12n;

/** A decimal text times 10^12 as an integer; null for other text. */
function scaled(text: string): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  if (match === null) return null;
  const size = BigInt(match[2]! + (match[3] ?? '').padEnd(12, '0'));
  return match[1] === '-' ? -size : size;
}

function same(value: string | number | bigint, literal: string, kind: ColumnKind): boolean {
  if (kind === 'STRING') return value === literal;
  const number = scaled(literal);
  if (number === null) return false;
  if (kind === 'LONG') return scaled(String(value)) === number;
  return value === (kind === 'FLOAT' ? Math.fround(Number(literal)) : Number(literal));
}

function between(
  value: string | number | bigint,
  kind: ColumnKind,
  numeric: boolean,
  lower: string | null,
  upper: string | null,
  lowerOpen: boolean,
  upperOpen: boolean,
): boolean {
  const order = (bound: string): number => {
    if (!numeric) return byCodePoint(textOf(value, kind), bound);
    if (kind === 'STRING') return byNumber(String(value), bound);
    const limit = scaled(bound);
    if (limit === null) return 1;
    if (kind === 'LONG') {
      const exact = scaled(String(value))!;
      return exact < limit ? -1 : exact > limit ? 1 : 0;
    }
    const rounded = kind === 'FLOAT' ? Math.fround(Number(bound)) : Number(bound);
    return Number(value) - rounded;
  };
  const above = lower === null || (lowerOpen ? order(lower) > 0 : order(lower) >= 0);
  const below = upper === null || (upperOpen ? order(upper) < 0 : order(upper) <= 0);
  return above && below;
}

function byNumber(a: string, b: string): number {
  const left = scaled(a);
  const right = scaled(b);
  if (left === null && right === null) return byCodePoint(a, b);
  if (left === null || right === null) return left === null ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** LIKE by trying every way to split the text; `_` is one code point. */
/** One phrase, perhaps a beginning of one. */
function phraseByHand(text: string, query: string): boolean {
  const words = (from: string) => from.toLowerCase().replace(/[^a-z0-9_é]+/g, ' ');
  const phrase = ` ${words(query).trim()}`;
  return ` ${words(text)} `.includes(query.endsWith('*') ? phrase : `${phrase} `);
}

function likeByHand(text: string, pattern: string): boolean {
  if (pattern === '') return text === '';
  const [head, rest] = [pattern[0]!, pattern.slice(1)];
  const [first, ...others] = [...text];
  if (head === '%') {
    return likeByHand(text, rest) || (first !== undefined && likeByHand(others.join(''), pattern));
  }
  return (
    first !== undefined && (head === '_' || head === first) && likeByHand(others.join(''), rest)
  );
}
