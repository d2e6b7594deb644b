import { get, type IncomingMessage } from 'node:http';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { listen } from './serve.js';

const OPTIONS = {
  host: '127.0.0.1',
  port: 0,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 60_000,
  drainTimeoutMs: 60_000,
  drainDelayMs: 5,
};

const ask = (url: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(url, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer));
    }).once('error', reject);
  });

test('who drains is not ready, answers all else, and keeps no connection; then nobody listens', async () => {
  const app = new Hono();
  for (const path of ['/status/ready', '/druid/broker/v1/readiness', '/status/health', '/rows']) {
    app.get(path, (context) => context.json(true));
  }
  let asked = 0;
  let end: () => void = () => undefined;
  const delay = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { url, close } = await listen(app, OPTIONS, (ms) => {
    asked = ms;
    return delay;
  });
  const statuses = async (...paths: string[]) =>
    Promise.all(paths.map(async (path) => (await ask(url + path)).statusCode));

  expect(await statuses('/status/ready', '/druid/broker/v1/readiness')).toEqual([200, 200]);
  expect((await ask(`${url}/rows`)).headers.connection).not.toBe('close');

  const closed = close();
  expect(asked).toBe(5);
  expect(await statuses('/status/ready', '/druid/broker/v1/readiness')).toEqual([503, 503]);
  expect(await statuses('/status/health', '/rows')).toEqual([200, 200]);
  expect((await ask(`${url}/rows`)).headers.connection).toBe('close');

  end();
  await closed;
  await expect(ask(`${url}/rows`)).rejects.toThrow('ECONNREFUSED');
});
