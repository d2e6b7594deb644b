import { expect, test } from 'vitest';
import { createLogger, silentLogger } from './log.js';
import { Sha256, sha256Hex } from './sha256.js';

test('a logger writes JSON lines from its level up', () => {
  const lines: string[] = [];
  const logger = createLogger(
    { level: 'info', name: 'test' },
    { write: (line) => lines.push(line) },
  );
  logger.debug('too quiet');
  logger.warn({ taskId: 't1' }, 'said');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ name: 'test', taskId: 't1', msg: 'said' });
  silentLogger.error('nothing');
  expect(lines).toHaveLength(1);
});

test('SHA-256 of bytes and of the same bytes in chunks (FIPS 180-2, "abc")', () => {
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256Hex(Buffer.from('abc'))).toBe(expected);
  const hash = new Sha256();
  for (const part of ['a', 'bc']) hash.add(Buffer.from(part));
  expect(hash.hex()).toBe(expected);
});
