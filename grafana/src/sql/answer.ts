/** The answer to a statement, asked for as arrays under three rows of headers. */
export interface Answer {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  readonly name: string;
  /** SQL type such as TIMESTAMP, VARCHAR, BIGINT. */
  readonly sqlType: string;
}

/** A value as JSON carries it; an integer beyond 2^53 is a string of its digits. */
export type Cell = string | number | boolean | null;

/** A string, or a number. A string first, so that digits in it are not looked at. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Puts integers that a double cannot hold exactly into quotes. */
function quoteLongIntegers(json: string): string {
  if (!/\d{16}/.test(json)) return json;
  return json.replace(STRING_OR_NUMBER, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}

/** Reads the body of an answer. Throws an Error in plain words if it is not one, or was cut off. */
export function parseAnswer(text: string): Answer {
  let json: unknown;
  try {
    json = JSON.parse(quoteLongIntegers(text));
  } catch {
    throw new Error(
      'the answer is not whole JSON: it was cut off on the way, or the URL does not lead to Varve',
    );
  }
  const [names, , sqlTypes, ...rows] = Array.isArray(json) ? json : [];
  if (!Array.isArray(names) || !Array.isArray(sqlTypes)) {
    throw new Error('the answer has no header rows: the URL does not lead to Varve or Druid');
  }
  return {
    columns: names.map((name, i) => ({ name: String(name), sqlType: String(sqlTypes[i]) })),
    rows,
  };
}
