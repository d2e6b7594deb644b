/**
 * Rows as a text table for a terminal: a header, a rule, right-aligned numbers.
 *
 *      origin │ flights
 *      ───────┼────────
 *      ATL    │  118,204
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
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
