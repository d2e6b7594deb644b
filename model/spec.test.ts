import { expect, test } from 'vitest';
import { z } from 'zod';
import { UserError } from '../core/index.js';
import { flagSpec, integerSpec, nameSpec, optionalText, readSpec } from './spec.js';

const Schema = z.object({
  name: nameSpec,
  flag: flagSpec(true),
  count: integerSpec(7),
  text: optionalText,
});

test('is as lenient as Druid', () => {
  expect(readSpec(Schema, { name: 'a', more: 1 }, '')).toEqual({
    ...{ name: 'a', flag: true, count: 7, text: null },
  });
  const loose = { name: 'a', flag: 'FALSE', count: '12', text: 9007199254740993n };
  expect(readSpec(Schema, loose, '')).toEqual({
    ...{ name: 'a', flag: false, count: 12, text: '9007199254740993' },
  });
  expect(readSpec(Schema, { name: 'a', flag: null, count: null }, '')).toMatchObject({
    ...{ flag: true, count: 7 },
  });
});

test('names every bad field, with its value, in one error', () => {
  const bad = { name: '', flag: 'perhaps', count: 'x1', text: [1] };
  const read = () => readSpec(Schema, bad, 'query.part[3]');
  expect(read).toThrow(UserError);
  expect(read).toThrow(
    'query.part[3].name: must not be empty; got "" | ' +
      'query.part[3].flag: want true or false; got "perhaps" | ' +
      'query.part[3].count: want an integer; got "x1" | ' +
      'query.part[3].text: want a text; got [1]',
  );
});
