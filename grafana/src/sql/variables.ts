import type { Answer } from './answer.js';

/** Of a dashboard variable: whether it can stand for several values. */
export interface Multiplicity {
  readonly multi?: boolean;
  readonly includeAll?: boolean;
}

const escaped = (value: string): string => value.replaceAll("'", "''");
const quoted = (value: string): string => `'${escaped(value)}'`;

/**
 * How a variable without a format (`$host`, not `${host:csv}`) stands in SQL, as in Grafana's own SQL
 * data sources. One value comes without quotes: write `host = '$host'`. One that may be many
 * comes quoted, with commas: write `host IN ($host)`; no value at all is in no list.
 */
export function variableText(value: unknown, { multi, includeAll }: Multiplicity): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? 'NULL' : value.map((each) => quoted(String(each))).join(',');
  }
  if (typeof value !== 'string') return String(value);
  return multi || includeAll ? quoted(value) : escaped(value);
}

/** A choice of a variable. */
export interface Choice {
  readonly text: string;
  readonly value: string;
}

/**
 * The choices that a query gives: the columns `__text` and `__value` if it has both, else
 * the values of all columns. Each text once; nulls are left out.
 */
export function choicesOf({ columns, rows }: Answer): Choice[] {
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const [text, value] = [at('__text'), at('__value')];
  const pairs =
    text >= 0 && value >= 0
      ? rows.map((row) => [row[text], row[value]])
      : columns.flatMap((_, i) => rows.map((row) => [row[i], row[i]]));
  const choices = new Map<string, Choice>();
  for (const [shown, meant] of pairs) {
    if (shown === null || shown === undefined || choices.has(String(shown))) continue;
    choices.set(String(shown), { text: String(shown), value: String(meant) });
  }
  return [...choices.values()];
}
