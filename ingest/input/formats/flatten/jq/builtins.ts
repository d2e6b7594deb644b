import {
  compareText,
  isJsonObject,
  parseJson,
  stringifyJson,
  UserError,
} from '../../../../../core/index.js';
import { type JavaRegex, javaRegex } from '../../../../../model/index.js';
import { isEqual, isNumber, isRecord } from '../values.js';
import { add, compare, each, isTrue, JqError, splitText, typeName } from './arithmetic.js';
import type { JqRun } from './evaluate.js';
import type { Filter } from './filter.js';

/** A function of the value alone. */
type Plain = (value: unknown) => unknown;

/** A function of the value and of the first outputs of its arguments. */
type WithValues = (value: unknown, ...values: readonly unknown[]) => unknown;

/** A function that runs its arguments itself. */
type WithFilters = (run: JqRun, value: unknown, filters: readonly Filter[]) => Iterable<unknown>;

const PLAIN: ReadonlyMap<string, Plain> = new Map<string, Plain>([
  ['error', fail],
  ['not', (value) => !isTrue(value)],
  ['length', length],
  ['keys', (value) => keys(value).sort(byText)],
  ['keys_unsorted', (value) => keys(value)],
  ['add', (value) => each(value).reduce(add, null)],
  ['any', (value) => each(value).some(isTrue)],
  ['all', (value) => each(value).every(isTrue)],
  ['floor', (value) => rounded(value, Math.floor)],
  ['ceil', (value) => rounded(value, Math.ceil)],
  ['round', (value) => rounded(value, Math.round)],
  ['abs', (value) => (wantNumber(value) < 0 ? -(value as number) : value)],
  ['fabs', (value) => Math.abs(Number(wantNumber(value)))],
  ['sqrt', (value) => Math.sqrt(Number(wantNumber(value)))],
  ['type', typeName],
  ['tostring', toText],
  ['tonumber', toNumber],
  ['tojson', stringifyJson],
  ['fromjson', (value) => fromJson(wantText(value))],
  ['ascii_downcase', (value) => wantText(value).replace(/[A-Z]+/g, (text) => text.toLowerCase())],
  ['ascii_upcase', (value) => wantText(value).replace(/[a-z]+/g, (text) => text.toUpperCase())],
  ['trim', (value) => wantText(value).trim()],
  ['ltrim', (value) => wantText(value).trimStart()],
  ['rtrim', (value) => wantText(value).trimEnd()],
  ['first', (value) => wantList(value ?? [])[0] ?? null],
  ['last', (value) => wantList(value ?? []).at(-1) ?? null],
  ['min', (value) => extreme(wantList(value), wantList(value), -1)],
  ['max', (value) => extreme(wantList(value), wantList(value), 1)],
  ['sort', (value) => [...wantList(value)].sort(compare)],
  ['unique', (value) => distinct([...wantList(value)].sort(compare))],
  [
    'reverse',
    (value) =>
      typeof value === 'string'
        ? [...value].reverse().join('')
        : [...wantList(value ?? [])].reverse(),
  ],
  ['flatten', (value) => wantList(value).flat(Number.POSITIVE_INFINITY)],
  ['to_entries', toEntries],
  ['from_entries', (value) => Object.fromEntries(each(value).map(entryOf))],
]);

const WITH_VALUES: ReadonlyMap<string, WithValues> = new Map<string, WithValues>([
  ['error/1', (_, message) => fail(message)],
  ['has/1', has],
  ['contains/1', contains],
  ['inside/1', (value, other) => contains(other, value)],
  ['startswith/1', (value, part) => wantText(value).startsWith(wantText(part))],
  ['endswith/1', (value, part) => wantText(value).endsWith(wantText(part))],
  ['ltrimstr/1', (value, part) => withoutStart(value, part)],
  ['rtrimstr/1', (value, part) => withoutEnd(value, part)],
  ['split/1', (value, separator) => splitText(wantText(value), wantText(separator))],
  [
    'join/1',
    (value, separator) =>
      wantList(value)
        .map((item) => (item === null ? '' : toText(item)))
        .join(wantText(separator)),
  ],
  ['index/1', (value, part) => positions(value, part)[0] ?? null],
  ['rindex/1', (value, part) => positions(value, part).at(-1) ?? null],
  ['flatten/1', (value, depth) => wantList(value).flat(Number(wantNumber(depth)))],
  ['nth/1', (value, index) => wantList(value)[Number(wantNumber(index))] ?? null],
  ['pow/2', (_, base, exponent) => Number(wantNumber(base)) ** Number(wantNumber(exponent))],
  ['test/1', (value, pattern) => regexOf(pattern, '').test(wantText(value))],
  ['test/2', (value, pattern, flags) => regexOf(pattern, flags).test(wantText(value))],
  ['sub/2', substituted],
  [
    'gsub/2',
    (value, pattern, text) =>
      regexOf(pattern, '').replaceAll(wantText(value), () => wantText(text)),
  ],
]);

const WITH_FILTERS: ReadonlyMap<string, WithFilters> = new Map<string, WithFilters>([
  ['empty/0', () => []],
  ['values/0', (_, value) => (value === null || value === undefined ? [] : [value])],
  ['nulls/0', (_, value) => only(value, 'null')],
  ['booleans/0', (_, value) => only(value, 'boolean')],
  ['numbers/0', (_, value) => only(value, 'number')],
  ['strings/0', (_, value) => only(value, 'string')],
  ['arrays/0', (_, value) => only(value, 'array')],
  ['objects/0', (_, value) => only(value, 'object')],
  ['recurse/0', (run, value) => run.below(value)],
  [
    'select/1',
    function* (run, value, [test]) {
      for (const isWanted of run.run(test!, value)) if (isTrue(isWanted)) yield value;
    },
  ],
  ['map/1', (run, value, [f]) => [each(value).flatMap((item) => [...run.run(f!, item)])]],
  ['map_values/1', (run, value, [f]) => [mapValues(run, value, f!)]],
  ['any/1', (run, value, [f]) => [each(value).some((item) => isTrue(firstOf(run, f!, item)))]],
  ['all/1', (run, value, [f]) => [each(value).every((item) => isTrue(firstOf(run, f!, item)))]],
  [
    'first/1',
    function* (run, value, [f]) {
      for (const one of run.run(f!, value)) {
        yield one;
        return;
      }
    },
  ],
  ['last/1', (run, value, [f]) => [...run.run(f!, value)].slice(-1)],
  [
    'limit/2',
    function* (run, value, [count, f]) {
      let left = Number(wantNumber(firstOf(run, count!, value)));
      if (left <= 0) return;
      for (const one of run.run(f!, value)) {
        yield one;
        if (--left <= 0) return;
      }
    },
  ],
  ['range/1', (run, value, [end]) => range(run, 0, firstOf(run, end!, value))],
  [
    'range/2',
    (run, value, [start, end]) =>
      range(run, firstOf(run, start!, value), firstOf(run, end!, value)),
  ],
  ['min_by/1', (run, value, [f]) => [extreme(wantList(value), sortKeys(run, value, f!), -1)]],
  ['max_by/1', (run, value, [f]) => [extreme(wantList(value), sortKeys(run, value, f!), 1)]],
  ['sort_by/1', (run, value, [f]) => [sorted(run, value, f!).map(({ item }) => item)]],
  ['group_by/1', (run, value, [f]) => [groups(run, value, f!)]],
  ['unique_by/1', (run, value, [f]) => [groups(run, value, f!).map(([item]) => item)]],
  [
    'with_entries/1',
    (run, value, [f]) => [
      Object.fromEntries(
        entriesOf(value)
          .flatMap(([key, member]) => [...run.run(f!, { key, value: member })])
          .map(entryOf),
      ),
    ],
  ],
]);

const keyOf = (name: string, count: number): string => `${name}/${count}`;

export const isBuiltin = (name: string, count: number): boolean =>
  (count === 0 && PLAIN.has(name)) ||
  WITH_VALUES.has(keyOf(name, count)) ||
  WITH_FILTERS.has(keyOf(name, count));

/** Calls a function that is there. Throws JqError for values that it cannot take. */
export function* callBuiltin(
  run: JqRun,
  name: string,
  filters: readonly Filter[],
  value: unknown,
): Generator<unknown> {
  const key = keyOf(name, filters.length);
  const withFilters = WITH_FILTERS.get(key);
  if (withFilters !== undefined) yield* withFilters(run, value, filters);
  else if (filters.length === 0) yield PLAIN.get(name)!(value);
  else yield WITH_VALUES.get(key)!(value, ...filters.map((filter) => firstOf(run, filter, value)));
}

function firstOf(run: JqRun, filter: Filter, value: unknown): unknown {
  for (const one of run.run(filter, value)) return one;
  throw new JqError('an argument gives nothing');
}

function fail(message: unknown): never {
  throw new JqError(toText(message));
}

function length(value: unknown): unknown {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'string') return [...value].length;
  if (isNumber(value)) return value < 0 ? -value : value;
  return each(value).length;
}

function keys(value: unknown): (string | number)[] {
  return Array.isArray(value) ? value.map((_, i) => i) : entriesOf(value).map(([key]) => key);
}

const byText = (a: string | number, b: string | number): number =>
  typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b);

const entriesOf = (value: unknown): [string, unknown][] => {
  if (isRecord(value)) return Object.entries(value);
  throw new JqError(`${typeName(value)} has no keys`);
};

function toEntries(value: unknown): readonly object[] {
  if (Array.isArray(value)) return value.map((item, key) => ({ key, value: item }));
  return entriesOf(value).map(([key, member]) => ({ key, value: member }));
}

/** `{key, value}`, also under the other names that jq takes. */
function entryOf(entry: unknown): [string, unknown] {
  if (!isJsonObject(entry)) throw new JqError(`${typeName(entry)} is no entry`);
  const { key, k, name, Name, Key, K, value, v, Value, V } = entry;
  return [toText(key ?? k ?? name ?? Name ?? Key ?? K ?? null), value ?? v ?? Value ?? V ?? null];
}

/** The text of a value: a text itself, else its JSON. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : stringifyJson(value ?? null);
}

function toNumber(value: unknown): unknown {
  if (isNumber(value)) return value;
  const text = wantText(value);
  if (!/^\s*-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text)) throw new JqError('no number');
  return /^-?\d+$/.test(text) ? fromJson(text.replace(/^(-?)0+(?=\d)/, '$1')) : Number(text);
}

function fromJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof UserError ? new JqError('no JSON') : error;
  }
}

function rounded(value: unknown, round: (value: number) => number): unknown {
  return typeof value === 'bigint' ? value : round(wantNumber(value) as number) + 0;
}

function has(value: unknown, key: unknown): boolean {
  if (isRecord(value) && typeof key === 'string') return Object.hasOwn(value, key);
  if (Array.isArray(value) && isNumber(key)) return key >= 0 && key < value.length;
  throw new JqError(`${typeName(value)} has no ${typeName(key)}`);
}

function contains(value: unknown, part: unknown): boolean {
  if (typeof value === 'string' && typeof part === 'string') return value.includes(part);
  if (Array.isArray(value) && Array.isArray(part)) {
    return part.every((item) =>
      value.some((one) => typeName(one) === typeName(item) && contains(one, item)),
    );
  }
  if (isRecord(value) && isRecord(part)) {
    return Object.entries(part).every(
      ([key, member]) => Object.hasOwn(value, key) && contains(value[key], member),
    );
  }
  if (typeName(value) === typeName(part)) return isEqual(value, part);
  throw new JqError(`${typeName(value)} cannot contain ${typeName(part)}`);
}

const withoutStart = (value: unknown, part: unknown): unknown =>
  typeof value === 'string' && typeof part === 'string' && value.startsWith(part)
    ? value.slice(part.length)
    : value;

const withoutEnd = (value: unknown, part: unknown): unknown =>
  typeof value === 'string' && typeof part === 'string' && part !== '' && value.endsWith(part)
    ? value.slice(0, -part.length)
    : value;

/** Where an item stands in a list, or a text in a text. */
function positions(value: unknown, part: unknown): readonly number[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => (isEqual(item, part) ? [i] : []));
  const [text, wanted] = [wantText(value), wantText(part)];
  const found: number[] = [];
  if (wanted === '') return found;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) found.push(at);
  return found;
}

/** Those of late: a filter mostly has the same for each record. */
const REGEXES = new Map<string, JavaRegex>();
const REGEXES_MAX = 100;

function regexOf(pattern: unknown, flags: unknown): JavaRegex {
  const given = flags === null ? '' : wantText(flags);
  const inline = given.replaceAll('g', '');
  if (!/^[isx]*$/.test(inline)) throw new JqError('the flags are not supported');
  const source = `${inline === '' ? '' : `(?${inline})`}${wantText(pattern)}`;
  const known = REGEXES.get(source);
  if (known !== undefined) return known;
  try {
    const regex = javaRegex(source, '');
    if (REGEXES.size >= REGEXES_MAX) REGEXES.clear();
    REGEXES.set(source, regex);
    return regex;
  } catch (error) {
    throw error instanceof UserError ? new JqError(error.message) : error;
  }
}

function substituted(value: unknown, pattern: unknown, text: unknown): string {
  const whole = wantText(value);
  const match = regexOf(pattern, '').exec(whole);
  if (match === null) return whole;
  const end = match.index + match[0].length;
  return whole.slice(0, match.index) + wantText(text) + whole.slice(end);
}

const only = (value: unknown, type: string): readonly unknown[] =>
  typeName(value) === type ? [value] : [];

function* range(run: JqRun, start: unknown, end: unknown): Generator<unknown> {
  for (let n = Number(wantNumber(start)); n < Number(wantNumber(end)); n++) {
    run.step();
    yield n;
  }
}

function mapValues(run: JqRun, value: unknown, f: Filter): unknown {
  const first = (item: unknown) => {
    for (const one of run.run(f, item)) return [one];
    return [];
  };
  if (Array.isArray(value)) return value.flatMap(first);
  return Object.fromEntries(
    entriesOf(value).flatMap(([key, member]) => first(member).map((one) => [key, one])),
  );
}

/** What each item is sorted by. */
const sortKeys = (run: JqRun, value: unknown, f: Filter): readonly unknown[] =>
  wantList(value).map((item) => [...run.run(f, item)]);

function sorted(run: JqRun, value: unknown, f: Filter): { item: unknown; key: unknown }[] {
  const list = wantList(value);
  const sortedBy = sortKeys(run, value, f);
  return list.map((item, i) => ({ item, key: sortedBy[i] })).sort((a, b) => compare(a.key, b.key));
}

function groups(run: JqRun, value: unknown, f: Filter): unknown[][] {
  const found: unknown[][] = [];
  let last: unknown;
  for (const { item, key } of sorted(run, value, f)) {
    if (found.length > 0 && compare(key, last) === 0) found.at(-1)!.push(item);
    else found.push([item]);
    last = key;
  }
  return found;
}

/** The first least item, or the last greatest. */
function extreme(items: readonly unknown[], by: readonly unknown[], sign: 1 | -1): unknown {
  let best = 0;
  for (let i = 1; i < items.length; i++) {
    const order = compare(by[i], by[best]) * sign;
    if (order > 0 || (order === 0 && sign === 1)) best = i;
  }
  return items[best] ?? null;
}

const distinct = (list: readonly unknown[]): readonly unknown[] =>
  list.filter((item, i) => i === 0 || compare(item, list[i - 1]) !== 0);

function wantText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new JqError(`want a text; got ${typeName(value)}`);
}

function wantNumber(value: unknown): number | bigint {
  if (isNumber(value)) return value;
  throw new JqError(`want a number; got ${typeName(value)}`);
}

function wantList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new JqError(`want a list; got ${typeName(value)}`);
}
