import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ManualClock, UnavailableError, VirtualDisk } from '../../../core/index.js';
import { readHttp } from './http.js';
import type { InputEnvironment } from './source.js';

type Answer = () => Response;

const redirect = (location: string, status = 302): Answer => {
  return () => new Response(null, { status, headers: { location } });
};
const body = (content: string | Uint8Array<ArrayBuffer>, status = 200): Answer => {
  return () => new Response(content, { status });
};

/** A network of the given answers, which remembers what was asked. */
function network(answers: Record<string, Answer>, httpHosts = ['ok.example', 'two.example:8080']) {
  const asked: string[] = [];
  const environment: InputEnvironment = {
    disk: new VirtualDisk(),
    localRoots: [],
    httpHosts,
    fetch: async (input, options) => {
      const uri = String(input);
      asked.push(uri);
      expect(options?.redirect).toBe('manual');
      expect(options?.signal).toBeInstanceOf(AbortSignal);
      const answer = answers[uri];
      if (answer === undefined)
        throw new TypeError('fetch failed', { cause: new Error('refused') });
      return answer();
    },
    maxEntityBytes: 1_000,
    clock: new ManualClock(0),
  };
  return { asked, environment };
}

const source = (...uris: string[]) => readHttp({ uris }, 'inputSource');

async function read(environment: InputEnvironment, ...uris: string[]): Promise<string[]> {
  const entities = source(...uris).entities(environment);
  return Promise.all(entities.map(async (one) => Buffer.from(await one.bytes()).toString()));
}

test('reads every uri, unpacking .gz', async () => {
  const { environment } = network({
    'http://ok.example/a.json': body('a'),
    'https://ok.example/b.json.gz?x=1': body(new Uint8Array(gzipSync('b'))),
    'http://two.example:8080/': body('c'),
  });
  const uris = [
    'http://ok.example/a.json',
    'https://ok.example/b.json.gz?x=1',
    'http://two.example:8080',
  ];
  expect(await read(environment, ...uris)).toEqual(['a', 'b', 'c']);
});

test.each([
  'http://evil.example/x',
  'http://ok.example.evil.example/x',
  'http://127.0.0.1/x',
  'http://[::1]/x',
  'http://two.example/x',
  'http://two.example:9/x',
])('%s is not asked', (uri) => {
  const { environment, asked } = network({});
  const { host } = new URL(uri);
  for (const refused of [
    () => source(uri).check(environment),
    () => source(uri).entities(environment),
  ]) {
    expect(refused).toThrow(`"${host}"`);
    expect(refused).toThrow('allowed: ok.example, two.example:8080');
  }
  expect(asked).toEqual([]);
});

test('redirects are followed to allowed hosts, relative ones too', async () => {
  const { environment, asked } = network({
    'http://ok.example/a': redirect('/b', 301),
    'http://ok.example/b': redirect('http://two.example:8080/c', 307),
    'http://two.example:8080/c': body('end'),
  });
  expect(await read(environment, 'http://ok.example/a')).toEqual(['end']);
  expect(asked).toHaveLength(3);
});

test.each([
  ['http://evil.example/steal', 'evil.example'],
  ['http://169.254.169.254/latest', '169.254.169.254'],
  ['//evil.example/x', 'evil.example'],
  ['file:///etc/passwd', 'not http or https'],
  ['http://user:pass@ok.example/x', 'user or password'],
  ['http://', 'no address'],
])('a redirect to %s is not followed', async (location, part) => {
  const { environment, asked } = network({ 'http://ok.example/a': redirect(location) });
  await expect(read(environment, 'http://ok.example/a')).rejects.toThrow(part);
  expect(asked).toEqual(['http://ok.example/a']);
});

test('redirects that go round are given up', async () => {
  const { environment, asked } = network({ 'http://ok.example/a': redirect('/a') });
  await expect(read(environment, 'http://ok.example/a')).rejects.toThrow('more than 5 times');
  expect(asked).toHaveLength(6);
});

test('failures say what happened', async () => {
  const { environment } = network({
    'http://ok.example/404': body('', 404),
    'http://ok.example/500': body('', 500),
    'http://ok.example/big': body('x'.repeat(1_001)),
  });
  await expect(read(environment, 'http://ok.example/404')).rejects.toThrow('status 404');
  await expect(read(environment, 'http://ok.example/500')).rejects.toThrow(UnavailableError);
  await expect(read(environment, 'http://ok.example/none')).rejects.toThrow('refused');
  await expect(read(environment, 'http://ok.example/big')).rejects.toThrow('more than 1000 bytes');
});

test.each([
  [{}, 'inputSource.uris'],
  [{ uris: [] }, 'inputSource.uris'],
  [{ uris: ['x'] }, '"x" is not a uri'],
  [{ uris: ['ftp://ok.example/x'] }, 'not http or https'],
  [{ uris: ['file:///etc/passwd'] }, 'not http or https'],
  [{ uris: ['http://u:secret@ok.example/'] }, 'user or password'],
  [{ uris: ['http://ok.example'], httpAuthenticationPassword: 'secret' }, 'not built yet'],
])('%j is refused, without showing a password', (settings, part) => {
  const refused = () => readHttp(settings, 'inputSource');
  expect(refused).toThrow(part);
  expect(refused).not.toThrow('secret');
});
