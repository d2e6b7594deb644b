import { type ScalarFunction, scalar } from './definition.js';

/** Functions on IP addresses. */
export const IP_ADDRESSES: readonly ScalarFunction[] = [
  scalar(
    'IPV4_MATCH',
    'any string!',
    'BOOLEAN',
    'ipv4_match',
    'Whether an IPv4 address is in a subnet.',
  ),
  scalar('IPV4_PARSE', 'any', 'BIGINT', 'ipv4_parse', 'Dotted text to number.'),
  scalar('IPV4_STRINGIFY', 'any', 'VARCHAR', 'ipv4_stringify', 'Number to dotted text.'),
  scalar(
    'IPV6_MATCH',
    'string string!',
    'BOOLEAN',
    'ipv6_match',
    'Whether an IPv6 address is in a subnet.',
  ),
];
