type Members = Readonly<Record<string, unknown>>;
type Convert = (members: Members) => unknown;

const value: Convert = (members) => members.value;

/** A wrapper whose value is not set holds the default. */
const wrapper =
  (whenUnset: unknown): Convert =>
  (members) =>
    members.value ?? whenUnset;

/** Messages of Google's own package that stand for plain values, as in JSON. */
const KNOWN: ReadonlyMap<string, Convert> = new Map<string, Convert>([
  ['BoolValue', wrapper(false)],
  ['Int32Value', wrapper(0)],
  ['UInt32Value', wrapper(0)],
  ['Int64Value', wrapper(0)],
  ['UInt64Value', wrapper(0)],
  ['FloatValue', wrapper(0)],
  ['DoubleValue', wrapper(0)],
  ['StringValue', wrapper('')],
  ['BytesValue', value],
  ['Timestamp', timestamp],
  ['Duration', duration],
  ['FieldMask', ({ paths }) => (Array.isArray(paths) ? paths.map(camelCase).join(',') : '')],
  ['Struct', ({ fields }) => fields ?? {}],
  ['ListValue', ({ values }) => values ?? []],
  ['Value', (members) => Object.values(members)[0] ?? null],
]);

const PACKAGE = '.google.protobuf.';

/** What makes the plain value of a message of the type; null where it is a message like all others. */
export const wellKnown = (fullName: string): Convert | null =>
  fullName.startsWith(PACKAGE) ? (KNOWN.get(fullName.slice(PACKAGE.length)) ?? null) : null;

const SECOND_MS = 1000;

/** `2023-11-14T22:13:20.001Z`, with as many digits behind the point as are needed: none, 3, 6 or 9. */
function timestamp(members: Members): string | null {
  const instant = new Date(Number(members.seconds ?? 0) * SECOND_MS);
  if (Number.isNaN(instant.getTime())) return null;
  const nanos = Number(members.nanos ?? 0);
  return `${instant.toISOString().slice(0, 19)}${fraction(nanos)}Z`;
}

/** `1.500s`. */
function duration(members: Members): string {
  const nanos = Number(members.nanos ?? 0);
  const seconds = Number(members.seconds ?? 0);
  const sign = seconds < 0 || nanos < 0 ? '-' : '';
  return `${sign}${Math.abs(seconds)}${fraction(Math.abs(nanos))}s`;
}

function fraction(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  const length = nanos % 1_000_000 === 0 ? 3 : nanos % 1000 === 0 ? 6 : 9;
  return `.${digits.slice(0, length)}`;
}

const camelCase = (path: unknown): string =>
  String(path).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
