/** Whether a code point is in a set. */
export type CharacterSet = (code: number) => boolean;

const ASCII = 128;
const REMEMBERED_MAX = 65_536;
const YES = 1;
const NO = 2;

/**
 * The set that a class or a character of JavaScript's flag v stands for: asked of a RegExp once per code point,
 * which thus also knows how letters fold.
 */
export function characterSet(source: string, flags: string): CharacterSet {
  const pattern = new RegExp(`^${source}$`, flags);
  const ascii = new Uint8Array(ASCII);
  const others = new Map<number, boolean>();
  const ask = (code: number) => pattern.test(String.fromCodePoint(code));
  return (code) => {
    if (code < ASCII) {
      if (ascii[code] === 0) ascii[code] = ask(code) ? YES : NO;
      return ascii[code] === YES;
    }
    let isMember = others.get(code);
    if (isMember === undefined) {
      if (others.size >= REMEMBERED_MAX) others.clear();
      isMember = ask(code);
      others.set(code, isMember);
    }
    return isMember;
  };
}
