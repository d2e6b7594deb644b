import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { parseToken, tokenText } from './token.js';

test('a token is read as it was written', () => {
  const token = fc.record({ logId: fc.string({ minLength: 1 }), position: fc.maxSafeNat() });
  fc.assert(
    fc.property(token, (each) => {
      expect(parseToken(tokenText(each), 'f')).toEqual(each);
    }),
  );
});

test.each(['', 'a', ':5', 'a:', 'a:-1', 'a:1.5', 'a:9007199254740992', 'a:0x10', 'a: 1'])(
  '%j is refused',
  (text) => {
    expect(() => parseToken(text, 'context.ingestToken')).toThrow(UserError);
    expect(() => parseToken(text, 'context.ingestToken')).toThrow(/^context\.ingestToken: want/);
  },
);
