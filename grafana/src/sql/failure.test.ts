import { expect, test } from 'vitest';
import { failureText } from './failure.js';

const own = {
  error: 'Plan validation failed',
  errorMessage: "Column 'a' not found",
  category: 'INVALID_INPUT',
};

test.each([
  ['text of Varve', 400, JSON.stringify(own), "Column 'a' not found"],
  ['parsed', 400, own, "Column 'a' not found"],
  [
    'wrapped by Grafana',
    400,
    { message: 'x', response: JSON.stringify(own) },
    "Column 'a' not found",
  ],
  [
    'a time-out has a remedy',
    504,
    { errorMessage: 'late', category: 'TIMEOUT' },
    /^late\. Choose a shorter/,
  ],
  ['no server', 502, '', /Grafana cannot reach the server/],
  ['no Grafana', 0, undefined, /Grafana did not answer/],
  ['a page of something else', 404, '<html>', /nothing at this address/],
  ['unknown', 418, 'I am a teapot', 'The request failed with status 418: I am a teapot'],
  ['unknown, empty', 418, null, 'The request failed with status 418'],
  ['JSON that is no object', 500, '3', 'The request failed with status 500'],
])('%s', (_, status, body, expected) => {
  if (typeof expected === 'string') expect(failureText({ status, body })).toBe(expected);
  else expect(failureText({ status, body })).toMatch(expected);
});
