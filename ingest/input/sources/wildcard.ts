/**
 * Whether `name` as a whole fits `pattern`: `*` is any run of characters, `?` is one. Takes time
 * proportional to both lengths at most: after a mismatch only the last `*` can take more.
 */
export function matchesWildcard(name: string, pattern: string): boolean {
  let at = 0;
  let want = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    if (pattern[want] === '*') {
      star = want++;
      starAt = at;
    } else if (want < pattern.length && (pattern[want] === '?' || pattern[want] === name[at])) {
      at++;
      want++;
    } else if (star >= 0) {
      want = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (pattern[want] === '*') want++;
  return want === pattern.length;
}
