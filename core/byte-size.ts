import { UserError } from './errors.js';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't', 'p'].flatMap((unit, i): [string, number][] => [
    [unit, 1000 ** (i + 1)],
    [`${unit}b`, 1000 ** (i + 1)],
    [`${unit}i`, 1024 ** (i + 1)],
    [`${unit}ib`, 1024 ** (i + 1)],
  ]),
]);

/**
 * A number of bytes as configuration and query contexts write it: a number, or digits with a unit
 * of any case: `K`, `M`, `G`, `T`, `P` are powers of 1000, with `i` (`KiB`, `Mi`) of 1024; a final
 * `B` changes nothing. Throws UserError naming `field`.
 */
export function parseByteSize(value: string | number, field: string): number {
  const bytes = typeof value === 'number' ? value : sizeOf(value);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new UserError(
    `${field}: want a number of bytes such as 300, "64KiB", "10MiB" or "1g"; got ${JSON.stringify(value)}`,
    'request',
    field,
  );
}

function sizeOf(text: string): number {
  const match = /^(\d+)([a-z]*)$/.exec(text.trim().toLowerCase());
  const unit = match === null ? undefined : UNITS.get(match[2]!);
  return unit === undefined ? Number.NaN : Number(match![1]) * unit;
}
