const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
};

/**
 * Druid's alphanumeric order: texts are runs of digits and runs of others; a run of digits comes
 * first; digits compare as numbers, and with more leading zeros later when equal; others compare
 * without regard to case. No signs, no decimals. `A` and `a` are equal.
 */
export function compareAlphanumeric(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const digits = isDigit(a, i);
    if (digits !== isDigit(b, j)) return digits ? -1 : 1;
    const endA = runEnd(a, i, digits);
    const endB = runEnd(b, j, digits);
    const left = a.slice(i, endA);
    const right = b.slice(j, endB);
    const order = digits ? compareDigits(left, right) : compareIgnoringCase(left, right);
    if (order !== 0) return order;
    i = endA;
    j = endB;
  }
  return a.length - i - (b.length - j);
}

function runEnd(text: string, start: number, digits: boolean): number {
  let end = start;
  while (end < text.length && isDigit(text, end) === digits) end++;
  return end;
}

function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length - right.length;
  if (left !== right) return left < right ? -1 : 1;
  return a.length - b.length;
}

/** By UTF-16 unit after folding each to lower case by way of upper case, as Java does. */
function compareIgnoringCase(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const left = fold(a.charAt(i));
    const right = fold(b.charAt(i));
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

const fold = (unit: string): string => unit.toUpperCase().toLowerCase();
