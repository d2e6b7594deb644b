import { expect, test } from 'vitest';
import { SeededRandom } from './random.js';
import { uuid } from './uuid.js';

test('a UUID has its version and variant, and differs from the next', () => {
  const random = new SeededRandom(1);
  const ids = Array.from({ length: 100 }, () => uuid(random));
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect(new Set(ids).size).toBe(100);
});
