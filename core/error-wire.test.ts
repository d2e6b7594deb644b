import { expect, test } from 'vitest';
import { decodeError, encodeError } from './error-wire.js';
import {
  CancelledError,
  CapacityError,
  ConflictError,
  CorruptLogError,
  CorruptSegmentError,
  CorruptSpillError,
  FencedError,
  InternalError,
  NotFoundError,
  QueryTimeoutError,
  ResourceLimitError,
  UnavailableError,
  UnsupportedError,
  UserError,
  type VarveError,
} from './errors.js';

const ERRORS: readonly VarveError[] = [
  new UserError('bad', 'context', 'context.timeout', { more: 'facts' }),
  new NotFoundError('gone', { id: '7' }),
  new ConflictError('moved', { position: '7' }),
  new UnsupportedError('not here'),
  new ResourceLimitError('too many', 5, 9),
  new CapacityError('busy', 250),
  new QueryTimeoutError('late'),
  new CancelledError('stop'),
  new CorruptSegmentError('/a/b', 64, 'checksum "x" does not match', 'page'),
  new CorruptLogError('/log/1.log', 64, 'no record'),
  new CorruptSpillError('/tmp/1', 64),
  new UnavailableError('away'),
  new FencedError('another one leads', 'coordinator'),
  new InternalError('bug'),
];

test.each(ERRORS)('$name keeps its type and facts across a thread', (error) => {
  const wire = structuredClone(encodeError(error));
  const copy = decodeError(wire);
  expect(copy).toBeInstanceOf(error.constructor);
  expect(copy.message).toBe(error.message);
  expect(copy.stack).toBe(error.stack);
  expect({ ...copy }).toEqual({ ...error });
});

test('anything else is a bug of ours', () => {
  expect(decodeError(encodeError(new TypeError('x is undefined')))).toBeInstanceOf(InternalError);
  expect(decodeError(encodeError('a text')).message).toBe('a text');
});
