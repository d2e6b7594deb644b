/** Whether [p, end) is well-formed UTF-8 (Unicode 15, table 3-7): shortest forms, no surrogates. */
export function isUtf8(p: usize, end: usize): bool {
  while (p < end) {
    const lead = load<u8>(p);
    if (lead < 0x80) {
      p++;
      continue;
    }
    const rest: usize = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || p + rest >= end) return false;
    const second = load<u8>(p, 1);
    const least: u8 = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const most: u8 = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    for (let i: usize = 2; i <= rest; i++) if ((load<u8>(p + i) & 0xc0) !== 0x80) return false;
    p += rest + 1;
  }
  return true;
}
