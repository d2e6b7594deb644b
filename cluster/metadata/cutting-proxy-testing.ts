import { connect, createServer, type Server, type Socket } from 'node:net';

/** When a connection breaks, of a commit: it does not get there, its answer does not, or nobody waits for that. */
export type Cut = 'before' | 'after' | 'at once';

/** For tests: stands before PostgreSQL, and breaks connections when they commit. */
export class CuttingProxy {
  #server!: Server;
  /** Of the next commits, one after the other; null: goes through. */
  cuts: (Cut | null)[] = [];
  /** Before anything is sent: connections that break as soon as something is asked over them. */
  breakNext = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly target: URL) {}

  static async before(url: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(url));
    proxy.#server = createServer((client) => proxy.#join(client));
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', () => resolve());
    });
    return proxy;
  }

  /** As the server's. */
  get url(): string {
    const { port } = this.#server.address() as { port: number };
    return Object.assign(new URL(this.target), { port: String(port) }).href;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    let cut: Cut | null = null;
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (this.breakNext > 0 && text.includes('select')) {
        this.breakNext--;
        end();
        return;
      }
      if (text.includes('commit\0')) cut = this.cuts.shift() ?? null;
      if (cut === 'before') end();
      else server.write(bytes);
      if (cut === 'at once') client.destroy();
    });
    server.on('data', (bytes) => {
      if (cut === 'after') end();
      else client.write(bytes);
    });
  }
}
