import { expect, test } from 'vitest';
import { healthText } from './health.js';

const ONE = '[["EXPR$0"],["LONG"],["BIGINT"],[1]]';
const health = (status: string, one = ONE) =>
  healthText(async (_, path) => (path === '/status' ? status : one));

test('Varve and Druid', async () => {
  expect(await health('{"version":"30.0.0","varveVersion":"0.1.0"}')).toBe(
    'Varve 0.1.0 is there and answers SQL.',
  );
  expect(await health('{"version":"30.0.0"}')).toBe('Druid 30.0.0 is there and answers SQL.');
});

test.each(['', '<html>', '{}', 'null', '[]'])('something else: %s', async (status) => {
  await expect(health(status)).rejects.toThrow('neither Varve nor Druid');
});

test('SQL that does not work', async () => {
  await expect(health('{"version":"30"}', '[["a"],["LONG"],["BIGINT"]]')).rejects.toThrow(
    'SELECT 1 gave []',
  );
});

test('what the request says', async () => {
  await expect(healthText(() => Promise.reject(new Error('no way')))).rejects.toThrow('no way');
});
