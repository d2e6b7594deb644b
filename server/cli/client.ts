import {
  isJsonObject,
  type JsonObject,
  parseJson,
  stringifyJson,
  UnavailableError,
  UserError,
} from '../../core/index.js';

export const DEFAULT_URL = 'http://127.0.0.1:8888';

/** A client of a Varve (or Druid) server, for the commands that talk to one. */
export class Client {
  constructor(private readonly url: string) {}

  get(path: string): Promise<unknown> {
    return this.#request(path, {});
  }

  post(path: string, body: JsonObject): Promise<unknown> {
    return this.#send('POST', path, body);
  }

  put(path: string, body: JsonObject): Promise<unknown> {
    return this.#send('PUT', path, body);
  }

  #send(method: string, path: string, body: JsonObject): Promise<unknown> {
    return this.#request(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: stringifyJson(body),
    });
  }

  async #request(path: string, init: RequestInit): Promise<unknown> {
    const text = await this.text(path, init);
    return parseJson(text);
  }

  /** The body of a 200 answer. Throws UserError with the server's own message for others. */
  async text(path: string, init: RequestInit): Promise<string> {
    const response = await this.#fetch(path, init);
    const text = await response.text();
    if (response.ok) return text;
    throw new UserError(`${response.status} from ${this.url}: ${messageOf(text)}`);
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.url.replace(/\/$/, '') + path, init);
    } catch {
      throw new UnavailableError(
        `no server answers at ${this.url}; start one with "varve serve", or name another with --url`,
      );
    }
  }
}

function messageOf(text: string): string {
  try {
    const body = parseJson(text);
    if (isJsonObject(body)) return String(body.errorMessage ?? body.error ?? text);
  } catch {
    // Not JSON: the text itself says most.
  }
  return text.slice(0, 500);
}
