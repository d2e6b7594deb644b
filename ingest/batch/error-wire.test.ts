import { expect, test } from 'vitest';
import {
  CancelledError,
  CapacityError,
  CorruptSegmentError,
  InternalError,
  NotFoundError,
  QueryTimeoutError,
  ResourceLimitError,
  UnavailableError,
  UnsupportedError,
  UserError,
  type VarveError,
} from '../../core/index.js';
import { fromErrorMessage, toErrorMessage } from './error-wire.js';

const ERRORS: VarveError[] = [
  new UserError('bad field', 'spec', 'spec.ioConfig', { more: 'facts' }),
  new NotFoundError('gone', { path: '/x' }),
  new UnsupportedError('not here'),
  new ResourceLimitError('too much', 10, 11),
  new CapacityError('busy', 0),
  new QueryTimeoutError('late'),
  new CancelledError('Shutdown request from user'),
  new CorruptSegmentError('/s', 7, 'checksum', 'page'),
  new UnavailableError('disk is full'),
  new InternalError('bug'),
];

test.each(ERRORS.map((error) => [error.family, error] as const))(
  'an error of family %s keeps all it says',
  (_, error) => {
    const back = fromErrorMessage(structuredClone(toErrorMessage(error)));
    expect(back).toEqual(error);
    expect(back.constructor).toBe(error.constructor);
    expect({ ...back }).toEqual({ ...error });
    expect(back.stack).toBe(error.stack);
  },
);

test('what is no typed error is internal', () => {
  for (const thrown of [new TypeError('x is undefined'), 'x is undefined']) {
    const back = fromErrorMessage(toErrorMessage(thrown));
    expect(back).toBeInstanceOf(InternalError);
    expect(back.message).toBe('x is undefined');
  }
});
