import type { Long } from '../../../core/index.js';
import type { Value } from '../../types.js';
import { asText } from '../coerce.js';
import type { Operand } from '../operand.js';
import {
  callError,
  define,
  type FunctionDefinition,
  neededText,
  unlessNull,
} from './definition.js';
import { parseIpv6 } from './ipv6.js';

/** Internet addresses: dotted text or the integer it stands for. */

/** The 32 bits that a dotted address writes; null when it is none. */
function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return null;
  return bytes.reduce((bits, byte) => bits * 256 + byte, 0);
}

/** The bits of an address in either form; null when it is none. */
function ipv4Bits({ type, get }: Operand): () => number | null {
  if (type === 'STRING') {
    return () => {
      const text = get() as string | null;
      return text === null ? null : parseIpv4(text);
    };
  }
  if (type !== 'LONG') return () => null;
  return () => {
    const bits = get() as Long | null;
    return typeof bits === 'number' && bits >= 0 && bits < 2 ** 32 ? bits : null;
  };
}

const formatIpv4 = (bits: number): string =>
  [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');

interface Subnet {
  readonly bits: bigint;
  /** How many of the lowest bits are free. */
  readonly freeBits: bigint;
}

/** Reads `address/prefix`; an address alone is a network of one. */
function parseSubnet(name: string, text: string, width: number): Subnet {
  const [address = '', prefix = String(width), ...rest] = text.split('/');
  const bits = width === 32 ? parseIpv4(address) : parseIpv6(address);
  const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : width + 1;
  if (bits === null || length > width || rest.length > 0) {
    throw callError(
      name,
      `needs a subnet such as ${width === 32 ? '10.0.0.0/8' : '2001:db8::/32'}, got ${JSON.stringify(text)}`,
    );
  }
  return { bits: BigInt(bits), freeBits: BigInt(width - length) };
}

const contains = ({ bits, freeBits }: Subnet, address: number | bigint): boolean =>
  BigInt(address) >> freeBits === bits >> freeBits;

/** Matching is never unknown: what is no address is in no subnet. */
function matching(
  name: string,
  width: number,
  addressOf: (arg: Operand) => () => number | bigint | null,
): (args: readonly Operand[]) => () => Value {
  return (args) => {
    const subnet = parseSubnet(name, neededText(name, args, 1, 'the subnet'), width);
    const address = addressOf(args[0]!);
    return () => {
      const bits = address();
      return Number(bits !== null && contains(subnet, bits));
    };
  };
}

export const IP_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'ipv4_match(address, subnet)',
    doc: '1 where the address is in the subnet, else 0',
    resultType: () => 'LONG',
    compile: matching('ipv4_match', 32, ipv4Bits),
  }),
  define({
    usage: 'ipv4_parse(address)',
    doc: 'the address as a LONG; null when it is none',
    resultType: () => 'LONG',
    compile: ([address]) => ipv4Bits(address!),
  }),
  define({
    usage: 'ipv4_stringify(address)',
    doc: 'the address as dotted text; null when it is none',
    resultType: () => 'STRING',
    compile: ([address]) => unlessNull([ipv4Bits(address!)], (bits) => formatIpv4(bits as number)),
  }),
  define({
    usage: 'ipv6_match(address, subnet)',
    doc: '1 where the address is in the subnet, else 0',
    resultType: () => 'LONG',
    compile: matching('ipv6_match', 128, (arg) => {
      const text = asText(arg);
      return () => {
        const value = text();
        return value === null ? null : parseIpv6(value);
      };
    }),
  }),
];
