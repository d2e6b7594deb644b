import { describe, expect, test } from 'vitest';
import {
  CancelledError,
  CapacityError,
  ConflictError,
  CorruptSegmentError,
  InternalError,
  invariant,
  NotFoundError,
  QueryTimeoutError,
  ResourceLimitError,
  UnavailableError,
  UnsupportedError,
  UserError,
} from '../../core/index.js';
import { httpError, isAlarming } from './errors.js';

test.each([
  { thrown: new UserError('m'), status: 400, error: 'Bad request', category: 'INVALID_INPUT' },
  { thrown: new NotFoundError('m'), status: 404, error: 'Not found', category: 'NOT_FOUND' },
  { thrown: new ConflictError('m'), status: 409, error: 'Conflict', category: 'CONFLICT' },
  {
    thrown: new UnsupportedError('m'),
    status: 501,
    error: 'Unsupported operation',
    category: 'UNSUPPORTED',
  },
  {
    thrown: new ResourceLimitError('m', 1, 2),
    status: 400,
    error: 'Resource limit exceeded',
    category: 'CAPACITY_EXCEEDED',
  },
  {
    thrown: new CapacityError('m', 1),
    status: 429,
    error: 'Query capacity exceeded',
    category: 'CAPACITY_EXCEEDED',
  },
  { thrown: new QueryTimeoutError('m'), status: 504, error: 'Query timeout', category: 'TIMEOUT' },
  { thrown: new CancelledError('m'), status: 500, error: 'Query cancelled', category: 'CANCELED' },
  {
    thrown: new CorruptSegmentError('/f', 7, 'm', 'c'),
    status: 500,
    error: 'Unknown exception',
    category: 'RUNTIME_FAILURE',
  },
  {
    thrown: new UnavailableError('m'),
    status: 503,
    error: 'Unknown exception',
    category: 'RUNTIME_FAILURE',
  },
])('$thrown.name', ({ thrown, status, error, category }) => {
  const answer = httpError(thrown);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({
    error,
    errorMessage: thrown.message,
    errorClass: thrown.name,
    host: null,
    errorCode: 'legacyQueryException',
    persona: category === 'RUNTIME_FAILURE' ? 'OPERATOR' : 'USER',
    category,
    context: { ...thrown.context, legacyErrorCode: error },
  });
});

test.each([
  ['json', 'Json parse failed'],
  ['query', 'Unknown exception'],
  ['sqlParse', 'SQL parse failed'],
  ['sqlPlan', 'Plan validation failed'],
  ['context', 'Query context parse failed'],
  ['spec', 'Invalid task spec'],
  ['request', 'Bad request'],
] as const)('a user error of kind %s is "%s" in Druid', (kind, error) => {
  const { status, body } = httpError(new UserError('m', kind, 'a.b'));
  expect(status).toBe(400);
  expect(body).toMatchObject({ error, context: { field: 'a.b', legacyErrorCode: error } });
});

test.each([
  { retryAfterMs: 1, seconds: '1' },
  { retryAfterMs: 1000, seconds: '1' },
  { retryAfterMs: 1001, seconds: '2' },
  { retryAfterMs: 0, seconds: '0' },
])('come back after $retryAfterMs ms', ({ retryAfterMs, seconds }) => {
  expect(httpError(new CapacityError('m', retryAfterMs)).headers).toEqual({
    'Retry-After': seconds,
  });
  expect(httpError(new UserError('m')).headers).toEqual({});
});

test('what SQL does not support is the statement to change; other errors are as everywhere', () => {
  const { status, body } = httpError(new UnsupportedError('m'), true);
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: 'SQL query is unsupported', category: 'UNSUPPORTED' });
  const missing = new NotFoundError('m');
  expect(httpError(missing, true)).toEqual(httpError(missing));
});

test.each([
  { thrown: new UserError('m'), alarming: false },
  { thrown: new CancelledError('m'), alarming: false },
  { thrown: new QueryTimeoutError('m'), alarming: false },
  { thrown: new UnsupportedError('m'), alarming: false },
  { thrown: new CorruptSegmentError('/f', 0, 'm'), alarming: true },
  { thrown: new UnavailableError('m'), alarming: true },
  { thrown: new InternalError('m'), alarming: true },
  { thrown: new TypeError('m'), alarming: true },
  { thrown: 'm', alarming: true },
])('$thrown is for the log: $alarming', ({ thrown, alarming }) => {
  expect(isAlarming(thrown)).toBe(alarming);
});

describe('our own bug stays in the log', () => {
  const broken = (): unknown => {
    try {
      invariant(false, 'the password is 1234');
    } catch (error) {
      return error;
    }
    return null;
  };

  test.each([
    { name: 'TypeError', thrown: new TypeError('password 1234 of null') },
    { name: 'InternalError', thrown: new InternalError('password 1234', { key: 'password 1234' }) },
    { name: 'a broken invariant', thrown: broken() },
    { name: 'a text', thrown: 'password 1234' },
    { name: 'null', thrown: null },
  ])('$name', ({ thrown }) => {
    const { status, body } = httpError(thrown);
    expect(status).toBe(500);
    expect(body).toMatchObject({
      error: 'Unknown exception',
      errorMessage: 'internal error; the server log has the details',
      category: 'DEFENSIVE',
      persona: 'OPERATOR',
    });
    expect(JSON.stringify(body)).not.toMatch(/password|1234/);
  });
});

test('names lookups as their users do', () => {
  const pinned = new UserError(`lookup [a@sha256:${'0'.repeat(32)}] is wrong`);
  expect(httpError(pinned).body.errorMessage).toBe('lookup [a] is wrong');
});
