import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResourceLimitError, UserError } from '../../../core/index.js';
import { draws } from '../../../core/testing.js';
import { packingOf } from './packing.js';

/** Tools that pack, where the machine has them. */
const TOOLS: readonly (readonly [suffix: string, command: string, args: readonly string[]])[] = [
  ['gz', 'gzip', ['-c']],
  ['bz2', 'bzip2', ['-c']],
  ['xz', 'xz', ['-c', '-T1']],
  ['zst', 'zstd', ['-c', '-q']],
];

const isThere = (command: string): boolean => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function unpacked(
  suffix: string,
  bytes: Uint8Array,
  size = 1000,
  maxBytes = 2 ** 30,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const unpack = packingOf(`file.${suffix.toUpperCase()}`)!;
  for await (const chunk of unpack(pieces(bytes, size), 'x', maxBytes)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

describe.each(TOOLS)('.%s', (suffix, command, args) => {
  const skip = !isThere(command);
  const pack = (bytes: Uint8Array, ...more: string[]): Buffer =>
    execFileSync(command, [...args, ...more], { input: bytes, maxBuffer: 2 ** 28 });

  test.skipIf(skip)('unpacks what the tool packs, however it comes', async () => {
    const words = fc.constantFrom('a', 'ab', 'the quick brown fox ', '\n', 'é', '0', '\0\0\0\0');
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc
        .array(words, { maxLength: 2000 })
        .map((parts) => new Uint8Array(Buffer.from(parts.join('')))),
      fc.tuple(fc.nat(255), fc.nat(5000)).map(([byte, n]) => new Uint8Array(n).fill(byte)),
    );
    await fc.assert(
      fc.asyncProperty(content, fc.integer({ min: 1, max: 500 }), async (bytes, size) => {
        expect((await unpacked(suffix, pack(bytes), size)).equals(bytes)).toBe(true);
      }),
      { numRuns: draws(4) },
    );
  });

  test.skipIf(skip)('unpacks large files and several one after another', async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, i) => `{"n":${i},"square":${(i * i) % 9973}}\n`,
    );
    const text = Buffer.from(lines.join(''));
    const noise = Buffer.from(
      Uint32Array.from({ length: 2 ** 16 }, (_, i) => Math.imul(i, 2654435761) ^ (i * i)).buffer,
    );
    for (const more of [[], ['-9'], ['-1']]) {
      const both = Buffer.concat([pack(text, ...more), pack(noise, ...more)]);
      const bytes = await unpacked(suffix, both, 65_536);
      expect(bytes.equals(Buffer.concat([text, noise]))).toBe(true);
    }
  });

  test.skipIf(skip)('a bomb is stopped long before it is unpacked', async () => {
    const bomb = pack(new Uint8Array(2 ** 25));
    let bytes = 0;
    const read = async () => {
      const unpack = packingOf(`file.${suffix}`)!;
      for await (const chunk of unpack(pieces(bomb, 64), 'x', 2 ** 40)) bytes += chunk.length;
    };
    // gzip makes at most 1032 of one, so that an honest file is not far from a bomb.
    if (suffix === 'gz') return;
    await expect(read()).rejects.toThrow(ResourceLimitError);
    expect(bytes).toBeLessThan(2 ** 24);
  });

  test.skipIf(skip)('the unpacked size has a limit', async () => {
    const packed = pack(Buffer.from('x'.repeat(5_000)));
    await expect(unpacked(suffix, packed, 1000, 4_999)).rejects.toThrow('x: more than 4999');
  });

  test.skipIf(skip)('what was cut off anywhere is an error', async () => {
    const packed = pack(Buffer.from('some text, which goes on and goes on and goes on'));
    for (let length = 1; length < packed.length; length++) {
      await expect(unpacked(suffix, packed.subarray(0, length))).rejects.toThrow(UserError);
    }
  });

  test.skipIf(skip)('what was damaged is an error or harmless', async () => {
    const text = Buffer.from(Array.from({ length: 300 }, (_, i) => `line ${i * i}\n`).join(''));
    const packed = pack(text);
    let found = 0;
    for (let at = 0; at < packed.length; at += 7) {
      const damaged = Buffer.from(packed);
      damaged[at]! ^= 1 << (at % 8);
      try {
        expect((await unpacked(suffix, damaged)).equals(text)).toBe(true);
      } catch (error) {
        if (!(error instanceof UserError)) expect(error).toBeInstanceOf(ResourceLimitError);
        found++;
      }
    }
    expect(found).toBeGreaterThan((packed.length / 7) * 0.8);
  });
});

test.skipIf(!isThere('xz')).each(['none', 'crc32', 'crc64', 'sha256'])(
  'xz with the check %s',
  async (kind) => {
    const text = Buffer.from('some text'.repeat(1000));
    const packed = execFileSync('xz', ['-c', '-C', kind, '--block-size=4000'], { input: text });
    expect((await unpacked('xz', packed)).equals(text)).toBe(true);
  },
);

test.skipIf(!isThere('xz'))('xz that wants more memory, or other filters, is refused', async () => {
  const pack = (filter: string) => execFileSync('xz', ['-c', ...filter.split(' ')], { input: 'x' });
  await expect(unpacked('xz', pack('--lzma2=dict=128MiB'))).rejects.toThrow(ResourceLimitError);
  await expect(unpacked('xz', pack('--x86 --lzma2'))).rejects.toThrow('not supported');
});

test('other names are read as they are', () => {
  expect(packingOf('file.json')).toBeNull();
  expect(packingOf('gz')).not.toBeNull();
});
