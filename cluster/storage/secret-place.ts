import { z } from 'zod';
import { type Disk, UserError, utf8Decode } from '../../core/index.js';

const WANT_SECRET =
  'want {"environment": "NAME"} or {"file": "/path"}: secrets are not written into the configuration';

/** A secret, by where it is. */
export const secretPlace = z.union(
  [z.strictObject({ environment: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: WANT_SECRET },
);

/** Where secrets are looked for. */
export interface SecretWorld {
  readonly disk: Disk;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Throws UserError that names `field` where it is not there. */
export function secretText(
  place: z.output<typeof secretPlace>,
  field: string,
  { disk, environment }: SecretWorld,
): string {
  const missing = (what: string) => new UserError(`${field}: ${what}`, 'spec', field);
  if ('environment' in place) {
    const value = environment[place.environment];
    if (value) return value;
    throw missing(`the environment variable ${place.environment} is not set`);
  }
  try {
    const value = utf8Decode(disk.readFile(place.file)).trim();
    if (value !== '') return value;
  } catch {
    throw missing(`cannot read the file ${place.file}`);
  }
  throw missing(`the file ${place.file} is empty`);
}
