import { UserError } from '../../core/index.js';

/** A place in a push log. Who has seen all before it has seen the rows that the token was given for. */
export interface PushToken {
  readonly logId: string;
  /** The end of the rows' command. */
  readonly position: number;
}

/** `<log id>:<position>` */
export const tokenText = ({ logId, position }: PushToken): string => `${logId}:${position}`;

/** Throws UserError of kind 'context' naming `field`. */
export function parseToken(text: string, field: string): PushToken {
  const [, logId, digits] = /^(.+):(\d{1,16})$/s.exec(text) ?? [];
  const position = Number(digits);
  if (logId !== undefined && Number.isSafeInteger(position)) return { logId, position };
  throw new UserError(
    `${field}: want the "token" of the answer to a push, <log id>:<position>; got ${JSON.stringify(text.slice(0, 100))}`,
    'context',
    field,
  );
}
