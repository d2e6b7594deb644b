/** What a text of concatenated JSON objects holds. */
export interface SplitText {
  /** Texts from a brace to the brace that closes it. */
  readonly objects: readonly string[];
  /** What stands behind the last of them: the beginning of the next, or what cannot be one. */
  readonly rest: string;
  /** True when the rest can never become an object, whatever follows. */
  readonly isBroken: boolean;
}

/** Finds the objects of a text by matching braces outside strings. Linear in the text. */
export function splitObjects(text: string): SplitText {
  const objects: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /[\s,]/.test(text[at]!)) at++;
    if (at >= text.length) return { objects, rest: '', isBroken: false };
    if (text[at] !== '{') return { objects, rest: text.slice(at), isBroken: true };
    const end = endOfObject(text, at);
    if (end < 0) return { objects, rest: text.slice(at), isBroken: false };
    objects.push(text.slice(at, end));
    at = end;
  }
}

/** The position behind the brace that closes the object at `start`; -1 when it is not closed. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      i = endOfString(text, i);
      if (i < 0) return -1;
    } else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return i + 1;
  }
  return -1;
}

/** The position of the quote that closes the string at `start`; -1 when there is none. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return -1;
}
