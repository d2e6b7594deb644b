/** What clients ask of one node. */
export class DruidClient {
  constructor(url: string);
  readonly url: string;
  /** Status and text of an answer; redirections to the leader are followed. */
  request(
    method: string,
    path: string,
    body?: unknown,
    timeoutMs?: number,
  ): Promise<{ status: number; text: string }>;
  /** Throws where the status is not 200. */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  /** Rows of a statement as arrays. */
  sql(query: string, context?: object): Promise<unknown[][]>;
  /** Pushes lines of JSON as a batch of a producer; gives the answer. Throws where the status is not 200. */
  push(
    table: string,
    lines: string,
    sender: { readonly producer: string; readonly sequence: number },
  ): Promise<{ readonly token: string; readonly stored: number; readonly duplicate: boolean }>;
  /** Submits a task and gives its id. */
  submit(spec: unknown): Promise<string>;
  /** Waits for the end of a task, over changes of the leader. Throws where it fails. */
  finished(task: string, timeoutMs?: number): Promise<void>;
  /** Runs a task, and waits for its end. */
  load(spec: unknown): Promise<void>;
  /** Waits until historicals serve all segments of a table; `allReplicas`: as often as the rules want it. */
  loaded(
    table: string,
    options?: { readonly allReplicas?: boolean; readonly timeoutMs?: number },
  ): Promise<void>;
}

/** Waits until `holds` gives true; until then its errors are taken for a state that passes. */
export function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  timeoutMs?: number,
): Promise<void>;
