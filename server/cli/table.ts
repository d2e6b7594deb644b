import { stringifyJson } from '../../core/index.js';

/**
 * Rows as a text table for a terminal: a header, a rule, right-aligned numbers.
 *
 *      origin │ flights
 *      ───────┼────────
 *      ATL    │  118204
 */
export function textTable(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = columns.map((name, i) =>
    Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const numeric = columns.map((_, i) => rows.every((row) => isNumberOrNull(row[i])));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => (numeric[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join(' │ ')
      .trimEnd();
  return [line(columns), widths.map((w) => '─'.repeat(w)).join('─┼─'), ...cells.map(line)].join(
    '\n',
  );
}

const isNumberOrNull = (value: unknown): boolean =>
  value === null || typeof value === 'number' || typeof value === 'bigint';

function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const text = typeof value === 'object' ? stringifyJson(value) : String(value);
  return text.replace(/\p{Cc}/gu, visible);
}

/** Control characters would break the lines, or steer the terminal. */
function visible(control: string): string {
  const short = JSON.stringify(control).slice(1, -1);
  if (short !== control) return short;
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
