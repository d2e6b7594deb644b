import { setTimeout as wait } from 'node:timers/promises';

/** What clients ask of one node. */
export class DruidClient {
  constructor(url) {
    this.url = url;
  }

  /** Status and text of an answer; redirections to the leader are followed. */
  async request(method, path, body, timeoutMs = 60_000) {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: textOf(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  }

  get(path) {
    return this.#good('GET', path);
  }

  post(path, body) {
    return this.#good('POST', path, body);
  }

  /** Rows of a statement as arrays. */
  sql(query, context = {}) {
    return this.post('/druid/v2/sql', { query, resultFormat: 'array', context });
  }

  /** Pushes lines of JSON as a batch of a producer; gives the answer. */
  async push(table, lines, { producer, sequence }) {
    const response = await fetch(`${this.url}/v1/tables/${table}/rows`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-ndjson',
        'x-varve-producer': producer,
        'x-varve-sequence': String(sequence),
      },
      body: lines,
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (response.status === 200) return JSON.parse(text);
    throw new Error(`push to ${this.url}: ${response.status} ${text.slice(0, 1000)}`);
  }

  /** Submits a task and gives its id. */
  async submit(spec) {
    return (await this.post('/druid/indexer/v1/task', spec)).task;
  }

  /** Waits for the end of a task, over changes of the leader. Throws where it fails. */
  async finished(task, timeoutMs = 120_000) {
    const path = `/druid/indexer/v1/task/${encodeURIComponent(task)}/status`;
    await until(
      `the end of ${task}`,
      async () => {
        const { status } = await this.get(path);
        if (status.statusCode === 'FAILED') throw new Fatal(`${task}: ${status.errorMsg}`);
        return status.statusCode === 'SUCCESS';
      },
      timeoutMs,
    );
  }

  /** Runs a task, and waits for its end. */
  async load(spec) {
    await this.finished(await this.submit(spec));
  }

  /** Waits until historicals serve all segments of a table; `allReplicas`: as often as the rules want it. */
  async loaded(table, { allReplicas = false, timeoutMs = 120_000 } = {}) {
    const mode = allReplicas ? 'full' : 'simple';
    await until(
      `${allReplicas ? 'all replicas' : 'segments'} of ${table}`,
      async () => {
        const status = await this.get(`/druid/coordinator/v1/loadstatus?${mode}`);
        const lists = allReplicas ? Object.values(status) : [status];
        const missing = lists.map((each) => each[table]).filter((each) => each !== undefined);
        return missing.length > 0 && missing.every((count) => count === 0);
      },
      timeoutMs,
    );
  }

  async #good(method, path, body) {
    const { status, text } = await this.request(method, path, body);
    if (status === 200) return text === '' ? null : JSON.parse(text);
    throw new Error(`${method} ${path}: ${status} ${text.slice(0, 1000)}`);
  }
}

/** What no patience helps against. */
class Fatal extends Error {}

/** Waits until `holds` gives true; until then its errors are taken for a state that passes. */
export async function until(what, holds, timeoutMs = 60_000) {
  const deadline = performance.now() + timeoutMs;
  for (let last = null; ; ) {
    try {
      if (await holds()) return;
      last = null;
    } catch (error) {
      if (error instanceof Fatal) throw error;
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: last });
    }
    await wait(100);
  }
}

const textOf = (body) => (typeof body === 'string' ? body : JSON.stringify(body));
