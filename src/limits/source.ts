import { isIPv4, isIPv6 } from 'node:net';

const GROUPS_OF_NETWORK = 4;
const IPV4_MAPPED = [0, 0, 0, 0, 0, 0xffff].join();

/**
 * Where an attempt comes from, as limits count it: an IPv4 address, or an IPv6 /64, which is what one customer has. An
 * IPv4 address written as IPv6 (RFC 4291 section 2.5.5.2) is the IPv4 address. What is no address is one source.
 * @example sourceOf('2001:db8:1:2:3:4:5:6') // '2001:db8:1:2::/64'
 */
export function sourceOf(address: string | undefined): string {
  // A zone ("%eth0") names a card of this machine.
  const [bare = ''] = (address ?? '').split('%', 1);
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return 'unknown';
  const groups = groupsOf(bare);
  if (groups.slice(0, 6).join() === IPV4_MAPPED) {
    const [high, low] = groups.slice(6) as [number, number];
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  }
  const network = groups.slice(0, GROUPS_OF_NETWORK).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** A URL spells an address in one way, without the dotted end. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::', 2);
  const read = (part: string): number[] =>
    part.split(':').flatMap((group) => (group === '' ? [] : parseInt(group, 16)));
  if (tail === undefined) return read(head);
  const [first, last] = [read(head), read(tail)];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}
