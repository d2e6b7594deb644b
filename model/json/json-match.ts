import { parseJson, UserError } from '../../core/index.js';
import { type JsonValue, toJsonValue } from './json.js';
import { type JsonPattern, parseJsonPattern } from './json-path.js';
import { isJsonScalar, type JsonScalar } from './json-walk.js';

type Asked = Exclude<JsonScalar, null>;

/** Something at a path of a document. */
export interface JsonCondition {
  /** Members of objects by name; null for any element of a list. */
  readonly path: JsonPattern;
  /** A scalar that is not null; undefined where any will do. */
  readonly value?: Asked | undefined;
}

/** A condition as it is written: the path as JSONPath. */
export interface JsonConditionSpec {
  readonly path: string;
  readonly value?: Asked | undefined;
}

/** Throws UserError that names a path below `field`. */
export const readConditions = (
  specs: readonly JsonConditionSpec[],
  field: string,
): JsonCondition[] =>
  specs.map(({ path, value }, i) => ({
    path: parseJsonPattern(path, `${field}[${i}].path`),
    value,
  }));

/**
 * Whether a document has all of it, one condition at least. Conditions whose paths go through the same list ask for one
 * element that has all that they want: `$.items[*].sku` and `$.items[*].price` are of one item.
 */
export function holdsAll(value: JsonValue, conditions: readonly JsonCondition[]): boolean {
  return matches(value, testOf(conditions));
}

/** The same, prepared once for many documents. */
export function jsonMatcher(conditions: readonly JsonCondition[]): (value: JsonValue) => boolean {
  const test = testOf(conditions);
  return (value) => matches(value, test);
}

/** Conditions without lists, and by list what one of its elements must have. */
interface NodeTest {
  readonly direct: JsonCondition[];
  readonly lists: { readonly path: readonly string[]; readonly element: NodeTest }[];
}

function testOf(conditions: readonly JsonCondition[]): NodeTest {
  const inner = new Map<string, JsonCondition[]>();
  const direct: JsonCondition[] = [];
  for (const condition of conditions) {
    const end = condition.path.indexOf(null);
    if (end < 0) direct.push(condition);
    else {
      const list = JSON.stringify(condition.path.slice(0, end));
      const below = { ...condition, path: condition.path.slice(end + 1) };
      inner.set(list, [...(inner.get(list) ?? []), below]);
    }
  }
  const lists = Array.from(inner, ([path, below]) => ({
    path: JSON.parse(path) as string[],
    element: testOf(below),
  }));
  return { direct, lists };
}

function matches(value: JsonValue, { direct, lists }: NodeTest): boolean {
  return (
    direct.every((condition) => holds(at(value, condition.path as readonly string[]), condition)) &&
    lists.every(({ path, element }) => {
      const list = at(value, path);
      return Array.isArray(list) && list.some((each) => matches(each, element));
    })
  );
}

function at(value: JsonValue, path: readonly string[]): JsonValue {
  return path.reduce<JsonValue>((found, name) => {
    if (found === null || typeof found !== 'object' || Array.isArray(found)) return null;
    const object = found as { readonly [key: string]: JsonValue };
    return Object.hasOwn(object, name) ? object[name]! : null;
  }, value);
}

const holds = (found: JsonValue, { value }: JsonCondition): boolean =>
  value === undefined ? found !== null && isJsonScalar(found) : found === value;

/** `"$.path"`, then what is asked of it. */
const CONDITION =
  /\s*"((?:[^"\\]|\\.)*)"\s*(?:=\s*(?:'((?:[^']|'')*)'|(-?\d[\w.+-]*|true|false))|IS\s+NOT\s+NULL)\s*(AND\b|$)/isuy;

/**
 * Reads conditions as Pinot's JSON_MATCH has them: `"$.items[*].sku" = 'a' AND "$.items[*].price" = 3 AND "$.at" IS NOT NULL`.
 * Throws UserError that names `field`.
 */
export function parseJsonMatch(text: string, field: string): JsonConditionSpec[] {
  const conditions: JsonConditionSpec[] = [];
  const pattern = new RegExp(CONDITION);
  for (let isLast = false; !isLast; ) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    const [, path, quoted, plain, and] = match ?? [];
    if (path === undefined) throw unreadable(text, at, field);
    const value = quoted === undefined ? plainValue(plain) : quoted.replaceAll("''", "'");
    if (plain !== undefined && value === undefined) throw unreadable(text, at, field);
    conditions.push({
      path: path.replace(/\\(["\\])/gu, '$1'),
      ...(value !== undefined && { value }),
    });
    isLast = and === '';
  }
  return conditions;
}

function plainValue(text: string | undefined): Asked | undefined {
  if (text === undefined) return undefined;
  try {
    return toJsonValue(parseJson(text.toLowerCase())) as Asked;
  } catch {
    return undefined;
  }
}

function unreadable(text: string, at: number, field: string): UserError {
  return new UserError(
    `${field}: the conditions ${JSON.stringify(text)} cannot be read at character ${at + 1}; write "$.path" = 'text', = number, = true, or IS NOT NULL, ` +
      'joined by AND; [*] in a path is any element of a list',
    'query',
    field,
  );
}
