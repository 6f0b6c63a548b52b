import { isIPv4, isIPv6 } from 'node:net';

export const DEVICE_ADDRESSES = ['full', 'truncated', 'none'] as const;
type DeviceAddress = (typeof DEVICE_ADDRESSES)[number];

const IPV4_IN_IPV6 = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i;
/** Groups of 16 bits that make a /48, what a provider gives to a household. */
const KEPT_GROUPS = 3;

/**
 * What is kept of an address: all of it, its network (IPv4 /24, IPv6 /48), or nothing.
 * @example keptAddress('192.0.2.7', 'truncated') // '192.0.2.0'
 */
export function keptAddress(address: string | undefined, kept: DeviceAddress): string | undefined {
  if (kept === 'full') return address;
  if (kept === 'none' || address === undefined) return undefined;
  const ip = IPV4_IN_IPV6.exec(address)?.groups?.ipv4 ?? address;
  if (isIPv4(ip)) return ip.replace(/\d+$/, '0');
  // A zone ("%eth0") says which network card, which is nobody's business.
  const [bare = ''] = ip.split('%', 1);
  return isIPv6(bare) ? network(bare) : undefined;
}

function network(address: string): string {
  const [head, tail] = address.split('::', 2).map(groupsOf) as [string[], string[]?];
  const gap = tail ? Array<string>(8 - head.length - tail.length).fill('0') : [];
  const kept = [...head, ...gap, ...(tail ?? [])].slice(0, KEPT_GROUPS);
  const short = kept.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
  return `${short.replace(/^(0:)*0$|(:0)+$/, '')}::`;
}

/** The dotted end that an address may have stands for two groups, which are never among the kept ones. */
const groupsOf = (part: string): string[] => (part === '' ? [] : part.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split(':'));
