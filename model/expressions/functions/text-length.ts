import { callError } from './definition.js';
import { spendWork } from './work.js';

/** Longer texts are not made, as one call could otherwise take all memory. */
export const MAX_LENGTH = 2 ** 24;

/** Characters that are copied in the time of one application of a lambda. */
const CHARACTERS_PER_STEP = 16;

/** Throws UserError when a function would make too long a text, or too many long ones in a lambda. */
export function checkLength(name: string, length: number): void {
  spendWork(name, length / CHARACTERS_PER_STEP);
  if (length > MAX_LENGTH) {
    throw callError(
      name,
      `would make a text of ${length} characters, at most ${MAX_LENGTH} are allowed`,
    );
  }
}
