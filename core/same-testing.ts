import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** For tests: as `expect(found, message).toEqual(wanted)`, which takes its time and is left to say what is not the same. */
export function expectSame(found: unknown, wanted: unknown, message?: string): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found, message).toEqual(wanted);
}
