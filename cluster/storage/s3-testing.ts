import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { ListMultipartUploadsCommand, ListPartsCommand, S3Client } from '@aws-sdk/client-s3';
import { RealDisk, SeededRandom, systemTimers, uuid } from '../../core/index.js';
import { SEED } from '../../core/testing.js';
import { openDeepStorage, parseDeepStorage } from './deep-storage-config.js';
import type { ObjectStore, UnfinishedUpload } from './object-store.js';

/** For tests: an S3 server that runs, as `http://key:secret@host:port/bucket`; see test/services/s3.mjs. */
export const S3_URL = process.env.VARVE_TEST_S3;

const random = new SeededRandom(SEED);

/** For tests: deep storage on that server, below a prefix of its own; `changes` are of the configuration. */
export function openS3(changes: object = {}, origin?: string): ObjectStore {
  const url = new URL(S3_URL!);
  const json = {
    type: 's3',
    endpoint: origin ?? url.origin,
    bucket: url.pathname.slice(1),
    prefix: `test/${uuid(random)}`,
    credentials: {
      accessKeyId: { environment: 'KEY' },
      secretAccessKey: { environment: 'SECRET' },
    },
    partSize: '5MiB',
    timeoutMs: 2000,
    ...changes,
  };
  const environment = { KEY: url.username, SECRET: decodeURIComponent(url.password) };
  const world = { disk: new RealDisk(), timers: systemTimers, random, environment };
  return openDeepStorage(parseDeepStorage(json), world);
}

/** For tests: waits until the server has a part of an upload. One that is on its way when its upload is ended may be stored all the same. */
export async function partInS3({ id }: UnfinishedUpload): Promise<void> {
  const { origin, username, password, pathname } = new URL(S3_URL!);
  const Bucket = pathname.slice(1);
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: origin,
    forcePathStyle: true,
    credentials: { accessKeyId: username, secretAccessKey: decodeURIComponent(password) },
  });
  for (let parts = 0; parts === 0; await wait(5)) {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    const { Key } = Uploads.find(({ UploadId }) => UploadId === id)!;
    const found = await client.send(new ListPartsCommand({ Bucket, Key, UploadId: id }));
    parts = found.Parts?.length ?? 0;
  }
  client.destroy();
}

/**
 * What a proxy does to a request: answers `status` by itself; closes the connection before the server sees it, or after it has
 * answered; closes it after so many bytes of either body; damages the byte at `at` of it; never answers.
 */
export type ProxyFault =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'refuse' | 'loseReply' | 'hang' }
  | { readonly kind: 'cutUpload' | 'cutDownload'; readonly bytes: number }
  | { readonly kind: 'flipUpload' | 'flipDownload'; readonly at: number }
  | { readonly kind: 'slow'; readonly delayMs: number };

/** For tests: stands before the server and breaks what it is told to. */
export async function faultProxy(
  faultOf: (method: string, url: string) => ProxyFault | null,
): Promise<{ origin: string; close(): Promise<void> }> {
  const target = new URL(S3_URL!);
  const server = createServer((incoming, answer) => {
    const fault = faultOf(incoming.method ?? '', incoming.url ?? '');
    incoming.on('error', () => answer.destroy());
    carry(target, incoming, answer, fault).catch(() => answer.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${port}`, close };
}

async function carry(
  target: URL,
  incoming: IncomingMessage,
  answer: ServerResponse,
  fault: ProxyFault | null,
): Promise<void> {
  if (fault?.kind === 'refuse') throw new Error('refused');
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'slow') await wait(fault.delayMs);
  if (fault?.kind === 'status') {
    incoming.resume();
    answer.writeHead(fault.status).end();
    return;
  }
  const { method, headers, url } = incoming;
  // The host is signed, and so it is passed on as the client wrote it.
  const options = { host: target.hostname, port: target.port, method, headers, path: url };
  const outgoing = request(options);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject);
  });
  answered.catch(() => undefined);
  const upload = { cut: bytesOf(fault, 'cutUpload'), flip: atOf(fault, 'flipUpload') };
  for await (const chunk of damaged(incoming, upload)) outgoing.write(chunk);
  outgoing.end();
  const found = await answered;
  if (fault?.kind === 'loseReply') {
    found.resume();
    throw new Error('lost');
  }
  answer.writeHead(found.statusCode ?? 500, found.headers);
  const download = { cut: bytesOf(fault, 'cutDownload'), flip: atOf(fault, 'flipDownload') };
  for await (const chunk of damaged(found, download)) {
    await new Promise<void>((resolve) => void answer.write(chunk, () => resolve()));
  }
  answer.end();
}

const bytesOf = (fault: ProxyFault | null, kind: 'cutUpload' | 'cutDownload') =>
  fault?.kind === kind ? fault.bytes : Number.POSITIVE_INFINITY;

const atOf = (fault: ProxyFault | null, kind: 'flipUpload' | 'flipDownload') =>
  fault?.kind === kind ? fault.at : -1;

async function* damaged(
  chunks: AsyncIterable<Buffer>,
  { cut, flip }: { cut: number; flip: number },
): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of chunks) {
    if (flip >= at && flip < at + chunk.length) chunk[flip - at]! ^= 1;
    at += chunk.length;
    if (at > cut) throw new Error('cut');
    yield chunk;
  }
}
