import { parseAnswer } from './answer.js';
import { SQL_PATH } from './request.js';

/**
 * Sends a request to the server and gives the text of the answer. Rejects with an Error in plain
 * words: `failureText` of what went wrong.
 */
export type Send = (method: 'GET' | 'POST', path: string, body?: object) => Promise<string>;

/** Asks who is there and whether SQL works; gives a sentence that says so, or rejects with what is wrong. */
export async function healthText(send: Send): Promise<string> {
  const name = serverName(await send('GET', '/status'));
  const headers = { header: true, typesHeader: true, sqlTypesHeader: true };
  const body = { query: 'SELECT 1', resultFormat: 'array', ...headers };
  const { rows } = parseAnswer(await send('POST', SQL_PATH, body));
  if (rows[0]?.[0] !== 1) {
    throw new Error(`${name} is there, but SELECT 1 gave ${JSON.stringify(rows)}`);
  }
  return `${name} is there and answers SQL.`;
}

function serverName(status: string): string {
  let json: { version?: unknown; varveVersion?: unknown } | null = null;
  try {
    json = JSON.parse(status);
  } catch {
    // What it is does not matter: it is not a status.
  }
  if (typeof json?.varveVersion === 'string') return `Varve ${json.varveVersion}`;
  if (typeof json?.version === 'string') return `Druid ${json.version}`;
  throw new Error(
    'What is at this URL is neither Varve nor Druid. Give the address of the server, such as http://127.0.0.1:8888, without a path.',
  );
}
