import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { httpError } from './errors.js';
import { canonicalPathGuard, originGuard } from './guard.js';

/** An application that answers every path with the path, behind the guards. */
function guarded(anyHost = false): Hono {
  const app = new Hono();
  app.use(canonicalPathGuard, originGuard(anyHost));
  app.all('*', (context) => context.text(context.req.path));
  app.onError((error, context) => {
    const { status, body } = httpError(error);
    return context.json(body, status);
  });
  return app;
}

async function statusOf(headers: Record<string, string>, anyHost = false): Promise<number> {
  return (await guarded(anyHost).request('http://ignored/status', { headers })).status;
}

describe('Host', () => {
  test.each([
    'localhost',
    'localhost:8888',
    'LocalHost:1',
    '127.0.0.1',
    '127.0.0.1:8888',
    '127.1.2.3:8888',
    '[::1]',
    '[::1]:8888',
  ])('%s is this server', async (host) => {
    expect(await statusOf({ host })).toBe(200);
  });

  test.each([
    '',
    'evil.example',
    'evil.example:8888',
    'localhost.evil.example',
    'localhost:8888.evil.example',
    'localhost@evil.example',
    '127.0.0.1.evil.example:80',
    '192.168.1.5',
    '[::2]:8888',
    '::1',
  ])('%s is not', async (host) => {
    const response = await guarded().request('http://ignored/status', { headers: { host } });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      error: 'Forbidden',
      errorMessage: expect.stringContaining(`Host ${JSON.stringify(host)}`),
    });
  });

  test('none is not', async () => {
    expect(await statusOf({})).toBe(403);
  });

  test('any is fine when the operator said so', async () => {
    expect(await statusOf({ host: 'db.example:8888' }, true)).toBe(200);
  });
});

describe('Origin', () => {
  test.each([
    { host: 'localhost:8888', origin: 'http://localhost:8888', status: 200 },
    { host: 'LOCALHOST:8888', origin: 'http://localhost:8888', status: 200 },
    { host: '[::1]:8888', origin: 'http://[::1]:8888', status: 200 },
    { host: 'localhost:8888', origin: 'http://localhost:9999', status: 403 },
    { host: 'localhost:8888', origin: 'http://127.0.0.1:8888', status: 403 },
    { host: 'localhost:8888', origin: 'https://evil.example', status: 403 },
    { host: 'localhost:8888', origin: 'http://localhost:8888.evil.example', status: 403 },
    { host: 'localhost:8888', origin: 'null', status: 403 },
    { host: 'localhost:8888', origin: '', status: 403 },
    { host: 'localhost:8888', origin: 'file://', status: 403 },
  ])('$origin at $host: $status', async ({ host, origin, status }) => {
    expect(await statusOf({ host, origin })).toBe(status);
  });

  test('a foreign one is refused at any host', async () => {
    const host = 'db.example';
    expect(await statusOf({ host, origin: 'http://db.example' }, true)).toBe(200);
    expect(await statusOf({ host, origin: 'http://evil.example' }, true)).toBe(403);
    expect(await statusOf({ origin: 'http://evil.example' }, true)).toBe(403);
  });
});

describe('path', () => {
  const request = (path: string) =>
    guarded().request(`http://localhost${path}`, { headers: { host: 'localhost' } });

  test.each([
    '/',
    '/druid/v2',
    '/druid/v2/',
    '/druid/v2?a=//&b=..',
    '/druid/v2/datasources/%C3%BC',
    '/druid/v2/datasources/a%20b',
    '/druid/v2/datasources/a..b',
    '/druid/v2/datasources/.a',
    '/druid/v2/datasources/a.',
    '/druid/v2/datasources/2024-01-01T00:00:00.000Z',
  ])('%s is fine', async (path) => {
    expect((await request(path)).status).toBe(200);
  });

  test.each([
    '//druid',
    '/druid//v2',
    '/druid/v2//',
    '/druid%2fv2',
    '/druid%2Fv2',
    '/druid/a%5cb',
    '/druid/a%5Cb',
    '/druid/a%2eb',
    '/druid/a%00b',
    '/druid;x=1/v2',
  ])('%s is refused', async (path) => {
    const response = await request(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: 'Bad request',
      errorMessage: expect.stringContaining('canonical form'),
    });
  });

  test.each([
    '/druid/../status',
    '/druid/./../status',
    '/druid/%2e%2e/status',
    '/druid\\..\\status',
  ])('%s is routed as what it means, or not at all', async (path) => {
    const response = await request(path);
    if (response.status === 200) expect(await response.text()).toBe('/status');
    else expect(response.status).toBe(400);
  });
});
