import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where the flights of the quickstart are. */
export const FLIGHTS_DIRECTORY = join(
  dirname(createRequire(import.meta.url).resolve('vega-datasets')),
  '..',
  'data',
);
