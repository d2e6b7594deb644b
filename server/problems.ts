import type { z } from 'zod';

/** What is wrong with something that was given, each with its path. */
export const problemsText = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'all'}: ${message}`).join(' | ');
