import { expect, test } from 'vitest';
import { ResourceLimitError } from '../../../core/index.js';
import { checkHeld } from './limits.js';

test('what must be in memory as a whole is bounded; the message says what to do', () => {
  checkHeld(2 ** 31, 'file:/a.parquet.gz');
  const read = () => checkHeld(2 ** 31 + 1, 'file:/a.parquet.gz');
  expect(read).toThrow(ResourceLimitError);
  expect(read).toThrow(/a\.parquet\.gz.*unpack the file/);
});
