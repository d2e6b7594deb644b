import { stringifyJson, UserError } from '../../core/index.js';
import type { PushIdentity } from './types.js';

const MAX_NAME_CHARS = 256;

/** Control characters, and halves of characters, which UTF-8 cannot hold. */
const BAD_IN_NAME = /[\p{Cc}\p{Cs}]/u;

/** Throws UserError unless the sender of a batch is named as it must be: by producer and sequence, by a key, or not at all. */
export function checkIdentity({ producer, sequence, key }: PushIdentity): void {
  if (producer !== null) checkName(producer, 'producer');
  if (key !== null) checkName(key, 'Idempotency-Key');
  if ((producer === null) !== (sequence === null)) {
    throw wrong('sequence', sequence, 'a producer and a sequence go together: give both or none');
  }
  if (sequence !== null && !(Number.isSafeInteger(sequence) && sequence >= 0)) {
    throw wrong('sequence', sequence, 'want an integer from 0 on that grows from batch to batch');
  }
  if (producer !== null && key !== null) {
    throw wrong(
      'Idempotency-Key',
      key,
      'a batch has a producer and a sequence, or a key; leave one out',
    );
  }
}

function checkName(name: string, field: string): void {
  if (name !== '' && name.length <= MAX_NAME_CHARS && !BAD_IN_NAME.test(name)) return;
  throw wrong(field, name, `want 1 to ${MAX_NAME_CHARS} characters, no control characters`);
}

const wrong = (field: string, value: unknown, why: string): UserError =>
  new UserError(`${field}: ${why}; got ${stringifyJson(value).slice(0, 60)}`, 'request', field);
