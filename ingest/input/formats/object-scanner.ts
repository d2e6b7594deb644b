/** Where an object that begins a text ends, as far as the text's characters tell. */
export type Scan =
  | { readonly state: 'complete'; readonly end: number }
  | { readonly state: 'incomplete' }
  | { readonly state: 'invalid' };

const INVALID: Scan = { state: 'invalid' };
const INCOMPLETE: Scan = { state: 'incomplete' };

/** As deep as `parseJson` reads. */
const MAX_DEPTH = 500;

/** What may come next. */
type Want = 'key' | 'key or end' | 'colon' | 'value' | 'value or end' | 'comma or end';

const TOKEN = /[\s]*(?:([{}[\]:,])|"(?:[^"\\]|\\.)*"|[-+.\w]+|$)/y;

/**
 * Finds the end of a JSON object that may go over several lines. Checks the order of tokens, so that a
 * line that was cut off is told from one that goes on: what follows it makes no sense.
 */
export class ObjectScanner {
  #open: ('{' | '[')[] = [];
  #want: Want = 'value';

  /** Reads on with `text` from `from`. A text must not end inside a token: texts are lines. */
  scan(text: string, from: number): Scan {
    const token = new RegExp(TOKEN);
    token.lastIndex = from;
    while (token.lastIndex < text.length) {
      const match = token.exec(text);
      if (match === null) return INVALID;
      const kind = match[1] ?? (match[0].trimStart()[0] === '"' ? 'text' : 'other');
      if (kind === 'other' && match[0].trim() === '') return INCOMPLETE;
      if (!this.#take(kind)) return INVALID;
      if (this.#open.length === 0) return { state: 'complete', end: token.lastIndex };
    }
    return INCOMPLETE;
  }

  /** False when the token cannot come here. */
  #take(kind: string): boolean {
    const want = this.#want;
    if (kind === '}' || kind === ']') return this.#close(kind);
    if (kind === ',') {
      this.#want = this.#open.at(-1) === '{' ? 'key' : 'value';
      return want === 'comma or end';
    }
    if (kind === ':') {
      this.#want = 'value';
      return want === 'colon';
    }
    if (want === 'key' || want === 'key or end') {
      this.#want = 'colon';
      return kind === 'text';
    }
    if (want !== 'value' && want !== 'value or end') return false;
    return this.#beginValue(kind);
  }

  #beginValue(kind: string): boolean {
    // A record is an object: nothing else begins one.
    if (this.#open.length === 0 && kind !== '{') return false;
    if (kind === '{' || kind === '[') {
      this.#open.push(kind);
      this.#want = kind === '{' ? 'key or end' : 'value or end';
      return this.#open.length <= MAX_DEPTH;
    }
    this.#want = 'comma or end';
    return true;
  }

  #close(kind: '}' | ']'): boolean {
    const open = this.#open.pop();
    const fits = kind === '}' ? open === '{' : open === '[';
    const want = this.#want;
    this.#want = 'comma or end';
    const isEmpty = want === (kind === '}' ? 'key or end' : 'value or end');
    return fits && (isEmpty || want === 'comma or end');
  }
}
