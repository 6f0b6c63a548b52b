import { hash } from 'node:crypto';

/** Whether a user is among the share that is moved. Pure: the same users at each share, and more of them at a higher one. */
export const isInShare = (sub: string, share: number): boolean =>
  hash('sha256', `keyturn legacy share ${sub}`, 'buffer').readUInt32BE(0) < share * 2 ** 32;
