import type { z } from 'zod';
import { CorruptBytesError } from '../../core/index.js';

/** The message in the form that it must have. Throws CorruptBytesError that says `what` it should be, and where it is not. */
export function readAs<T>(form: z.ZodType<T>, message: unknown, what: string): T {
  const read = form.safeParse(message);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new CorruptBytesError(0, `${what}: ${issue?.path.join('.')}: ${issue?.message}`);
}
