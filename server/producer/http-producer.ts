import { type HttpOptions, httpTransport } from './http-transport.js';
import type { ProducerOptions } from './options.js';
import { Producer } from './producer.js';
import { realWorld } from './transport.js';

export type HttpProducerOptions = ProducerOptions & HttpOptions;

/**
 * A producer of rows for a table of the server at `url`.
 *
 *     const producer = httpProducer<Click>('http://127.0.0.1:8888', 'clicks');
 *     for (const click of clicks) await producer.send(click);
 *     await producer.close();
 */
export function httpProducer<Row extends object = Record<string, unknown>>(
  url: string,
  table: string,
  { timeoutMs, headers, ...options }: HttpProducerOptions = {},
): Producer<Row> {
  const http = {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(headers === undefined ? {} : { headers }),
  };
  return new Producer<Row>(table, options, httpTransport(url, http), realWorld);
}
