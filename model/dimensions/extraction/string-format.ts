import { z } from 'zod';
import { UserError } from '../../../core/index.js';
import { readSpec, textSpec } from '../../spec.js';
import { type ExtractionReader, overText } from './extraction-fn.js';

const Schema = z.object({
  format: textSpec,
  nullHandling: z
    .string()
    .transform((name) => name.toLowerCase())
    .pipe(
      z.enum(['nullstring', 'emptystring', 'returnnull'], {
        error: 'want nullString, emptyString or returnNull',
      }),
    )
    .nullish(),
});

/** Java's String.format with the value as its one argument: `%s` with flags, `%n` and `%%`. */
export const readStringFormat: ExtractionReader = (json, field) => {
  const { format, nullHandling } = readSpec(Schema, json, field);
  const parts = parseFormat(format, `${field}.format`);
  return overText(json, (text) => {
    if (text === null && nullHandling === 'returnnull') return null;
    const shown = text ?? (nullHandling === 'emptystring' ? '' : 'null');
    return parts.map((part) => part(shown)).join('');
  });
};

type Part = (argument: string) => string;

function parseFormat(format: string, field: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of format.matchAll(/%(?:1\$)?(-?)(\d*)(?:\.(\d+))?([a-zA-Z%])|%/g)) {
    const [whole, flag, width, precision, conversion] = match;
    const literal = format.slice(end, match.index);
    parts.push(() => literal);
    end = match.index + whole.length;
    if (conversion === '%' || conversion === 'n') {
      const text = conversion === 'n' ? '\n' : '%';
      parts.push(() => text);
    } else if (conversion === 's' || conversion === 'S') {
      parts.push(argumentPart(flag === '-', Number(width ?? 0), precision, conversion === 'S'));
    } else {
      throw new UserError(
        `${field}: want only %s, %n and %% in the format; got "${whole}"`,
        'query',
        field,
      );
    }
  }
  const rest = format.slice(end);
  return [...parts, () => rest];
}

function argumentPart(
  left: boolean,
  width: number,
  precision: string | undefined,
  upper: boolean,
): Part {
  return (argument) => {
    const cut = precision === undefined ? argument : argument.slice(0, Number(precision));
    const cased = upper ? cut.toUpperCase() : cut;
    return left ? cased.padEnd(width) : cased.padStart(width);
  };
}
