/**
 * The text of a double as Java's `Double.toString` lays it out, which is what Druid prints:
 * plain decimal with at least one fraction digit where 1e-3 <= |value| < 1e7 (`5.0`, `0.001`), else
 * one digit, a point, the rest and an exponent (`1.0E10`, `1.2345E-5`); also `0.0`, `-0.0`, `NaN`,
 * `Infinity`, `-Infinity`.
 *
 * The digits are the fewest that read back as the same double (as JDK 19 and later print them).
 */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatSpecial(value);
  const magnitude = Math.abs(value);
  // JavaScript's own text has Java's layout in this range, but for the fraction of whole numbers.
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  return toJavaExponent(value.toExponential());
}

/** As `formatDouble`, with the fewest digits that read back as the same 32-bit float (`0.1`, `3.4028235E38`). */
export function formatFloat(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single) || single === 0) return formatSpecial(single);
  return formatDouble(shortestDouble(single));
}

/** The double of fewest decimal digits that rounds to the float `single`; nine digits always do. */
function shortestDouble(single: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(single.toPrecision(digits));
    if (Math.fround(candidate) === single) return candidate;
  }
  return Number(single.toPrecision(9));
}

function formatSpecial(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  return String(value);
}

/** `1e+10` to `1.0E10`, `1.5e-7` to `1.5E-7`. */
function toJavaExponent(text: string): string {
  const [digits, exponent] = text.split('e') as [string, string];
  const fraction = digits.includes('.') ? '' : '.0';
  return `${digits}${fraction}E${Number(exponent)}`;
}
