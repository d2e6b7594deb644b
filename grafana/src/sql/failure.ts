/** What is known of a request that failed: the HTTP status, 0 for none, and the body. */
export interface Failure {
  readonly status: number;
  /** As text, as parsed JSON, or as Grafana wraps it. */
  readonly body: unknown;
}

/** What to do about it, by Varve's category of errors. */
const REMEDIES: Readonly<Record<string, string>> = {
  TIMEOUT: 'Choose a shorter time range or a longer interval in $__timeGroup.',
  CAPACITY_EXCEEDED: 'Ask for fewer rows or groups, or try again when the server is less busy.',
};

/** The same by HTTP status, where the answer is not Varve's own. */
const STATUS_TEXTS: ReadonlyMap<number, string> = new Map([
  [0, 'Grafana did not answer. Is it still running, and are you online?'],
  [401, 'The server refused the credentials. Check user and password of the data source.'],
  [
    403,
    'Access was refused. Check the credentials, and that Varve may be addressed by this host name.',
  ],
  [
    404,
    'There is nothing at this address. Check the URL of the data source; it ends before /druid.',
  ],
  [
    502,
    'Grafana cannot reach the server. Is Varve running, and is the URL right as seen from Grafana?',
  ],
  [
    504,
    'The server took longer than Grafana waits for. Choose a shorter time range, or raise the timeout.',
  ],
]);

/** A sentence or two on what went wrong and what to do. */
export function failureText({ status, body }: Failure): string {
  const fields = fieldsOf(body);
  if (typeof fields.errorMessage === 'string') {
    const remedy = REMEDIES[String(fields.category)];
    return remedy === undefined ? fields.errorMessage : `${fields.errorMessage}. ${remedy}`;
  }
  const known = STATUS_TEXTS.get(status);
  if (known !== undefined) return known;
  const detail = typeof fields.message === 'string' ? `: ${fields.message.slice(0, 300)}` : '';
  return `The request failed with status ${status}${detail}`;
}

/** The members of an error's body, however deep Grafana has put it. */
function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'string') {
    try {
      return fieldsOf(JSON.parse(body));
    } catch {
      return { message: body };
    }
  }
  if (typeof body !== 'object' || body === null) return {};
  const fields = body as Record<string, unknown>;
  // Grafana keeps the text of a failed request in `response`.
  if (typeof fields.response === 'string') return { ...fields, ...fieldsOf(fields.response) };
  return fields;
}
