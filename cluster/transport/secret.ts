import { createHash, timingSafeEqual } from 'node:crypto';
import { UserError } from '../../core/index.js';

const MIN_CHARACTERS = 16;

/** What the nodes of a cluster share, without the line end that a file may have. Throws a UserError for one that is easy to guess. */
export function checkSecret(text: string, field: string): string {
  const secret = text.trim();
  if (secret.length >= MIN_CHARACTERS && /^[\x21-\x7e]+$/.test(secret)) return secret;
  throw new UserError(
    `${field} must have at least ${MIN_CHARACTERS} characters of ASCII without spaces; make one with: openssl rand -hex 32`,
    'request',
    field,
  );
}

/** Compares a secret that came with ours, in a time that tells nothing of either. */
export function secretMatches(own: string): (found: string | null) => boolean {
  const wanted = digest(own);
  return (found) => timingSafeEqual(digest(found ?? ''), wanted) && found !== null;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
