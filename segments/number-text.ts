/** A double as text that reads back to the same number: the shortest digits, `-0`, `NaN`, `Infinity`. */
export const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** The number of a text written by `numberText`; null for anything else. */
export function parseNumberText(text: string): number | null {
  const value = Number(text);
  return numberText(value) === text ? value : null;
}
