/** What a header such as Accept or Accept-Encoding says of each name, in lower case and without parameters: from 0, never, to 1. */
export function preferences(header: string): ReadonlyMap<string, number> {
  const entries = header.split(',').map((each): [string, number] => {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.map((part) => QUALITY.exec(part)?.[1]).find((q) => q !== undefined);
    return [name, quality === undefined ? 1 : Number(quality)];
  });
  return new Map(entries.filter(([name]) => name !== ''));
}

const QUALITY = /^q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?)$/;
