/** The 128 bits that an IPv6 address writes (RFC 4291, section 2.2); null when it is none. */
export function parseIpv6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const words = groups.map((group, i) => readGroups(group, i === groups.length - 1));
  const [head, tail = []] = words;
  if (head === undefined || head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return all.reduce((bits, word) => (bits << 16n) | BigInt(word), 0n);
}

/** Groups as 16-bit words; the last may be a dotted IPv4 address, which makes two. */
function readGroups(groups: readonly string[], mayEndDotted: boolean): number[] | null {
  const words: number[] = [];
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      words.push(Number.parseInt(group, 16));
      continue;
    }
    const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(group);
    if (dotted === null || !mayEndDotted || i < groups.length - 1) return null;
    const [a, b, c, d] = dotted.slice(1).map(Number) as [number, number, number, number];
    if (Math.max(a, b, c, d) > 255) return null;
    words.push(a * 256 + b, c * 256 + d);
  }
  return words;
}
