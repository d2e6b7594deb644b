import type { Context } from 'hono';
import type { VarveNode } from '../node.js';
import type { Asked } from '../queries/asked-queries.js';
import type { AskedQuery } from '../queries/asked-query.js';
import { whenSent } from './outgoing.js';
import { declaredBytes } from './push-body.js';
import { queryText } from './query-body.js';

export interface QueryRequest {
  /** Reads what is asked from the body. */
  readonly question: (text: string) => Omit<Asked, 'share'>;
  readonly respond: (query: AskedQuery) => Promise<Response>;
}

/**
 * Answers a request with a query. Where there is no room for it, it is refused before its body is read. It counts as asked, and
 * holds the memory of its body and its answer, until the answer has left, or its client.
 */
export async function answerQuery(
  context: Context,
  { queries, config }: Pick<VarveNode, 'queries' | 'config'>,
  { question, respond }: QueryRequest,
): Promise<Response> {
  const { raw } = context.req;
  queries.checkRoom(declaredBytes(raw) ?? 0);
  const share = queries.held.share();
  let query: AskedQuery | null = null;
  try {
    const text = await queryText(context, share, config.http);
    const asked = queries.ask({ ...question(text), share }, raw.signal);
    query = asked;
    const response = await respond(asked);
    whenSent(context, asked.signal, (isWhole) => asked.end(isWhole ? 'success' : 'gone'));
    return response;
  } catch (error) {
    query?.end({ error });
    share.release();
    throw error;
  }
}
