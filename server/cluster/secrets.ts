import { type Disk, UserError, utf8Decode } from '../../core/index.js';

/** Where a secret is: not in the configuration itself. */
export type SecretPlace = { readonly environment: string } | { readonly file: string };

/** Throws UserError that names `field` where it is not there. */
export function secretText(place: SecretPlace, field: string, disk: Disk): string {
  const missing = (what: string) => new UserError(`${field}: ${what}`, 'request', field);
  if ('environment' in place) {
    const value = process.env[place.environment];
    if (value) return value;
    throw missing(`the environment variable ${place.environment} is not set`);
  }
  try {
    return utf8Decode(disk.readFile(place.file)).trim();
  } catch {
    throw missing(`cannot read the file ${place.file}`);
  }
}
