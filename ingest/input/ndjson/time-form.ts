import { formatInstant } from '../../../model/index.js';

/** How the text of an instant was written: bits, or-ed. Without any, `2015-09-12T00:46:58`. */
export const BLANK = 1;
const ZULU = 2;
const MILLIS = 4;

/** The text in that form of an instant in the years 0 to 9999; without MILLIS, of a whole second. */
export function timeText(timeMs: number, form: number): string {
  const text = formatInstant(timeMs);
  const date = text.slice(0, 10);
  const time = text.slice(11, form & MILLIS ? 23 : 19);
  return `${date}${form & BLANK ? ' ' : 'T'}${time}${form & ZULU ? 'Z' : ''}`;
}
