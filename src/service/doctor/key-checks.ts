import { AuthConfigError, type AuthPolicy, type KeyRing } from '../../index.js';
import { formatDuration, parseKeyRing } from '../../internal.js';
import { isOpenToAnyone } from '../keys/key-file.js';
import { rfc3339 } from '../keys/key-line.js';
import { findingsOf, type Finding } from './finding.js';

const finding = findingsOf('keys');
const DAY = 86_400_000;
/** A key that has signed for longer is worth more to who has a copy of it. */
const OLD = 365 * DAY;
/** So long before nobody signs an operator wants to know. */
const SOON = 14 * DAY;

/** The keys that a service with these settings would have; why they cannot be used, if they cannot. */
export async function ringOf(
  read: () => string | Promise<string>,
  { algorithm, keepsSessions }: AuthPolicy,
): Promise<KeyRing | Finding> {
  try {
    return parseKeyRing(await read(), algorithm, keepsSessions ? ['access', 'refresh'] : ['access']);
  } catch (error) {
    if (!(error instanceof AuthConfigError)) throw error;
    return finding('ring', 'bad', `${error.message}.`);
  }
}

/** @param file where the keys are, if in a file */
export async function checkKeys(ring: KeyRing, file: string | undefined, now: number): Promise<Finding[]> {
  const open = file !== undefined && (await isOpenToAnyone(file));
  return [
    ...ring.purposes.flatMap((purpose) => [aged(ring, purpose, now), lasting(ring, purpose, now)]),
    open
      ? finding('file', 'warn', `${file} can be read by everyone on this machine: chmod 600, or 640 for a group.`)
      : finding('file', 'ok', file ?? 'in a variable, which is read at the start alone'),
  ];
}

function aged(ring: KeyRing, purpose: 'access' | 'refresh', now: number): Finding {
  const check = `${purpose} age`;
  const signing = ring.activeOrNone(purpose, now);
  if (!signing) return finding(check, 'bad', `No ${purpose} key signs now: keyturn keys add --purpose ${purpose}.`);
  const { kid, useFrom } = signing;
  if (useFrom === -Infinity) return finding(check, 'ok', `${kid}, of an age that it does not say (no use_from)`);
  const days = Math.floor((now - useFrom) / DAY);
  return now - useFrom > OLD
    ? finding(check, 'warn', `${kid} has signed for ${days} days: rotate it, keyturn keys add --purpose ${purpose}.`)
    : finding(check, 'ok', `${kid}, signs for ${days} days`);
}

function lasting(ring: KeyRing, purpose: 'access' | 'refresh', now: number): Finding {
  const check = `${purpose} end`;
  const end = ring.signsUntil(purpose, now);
  return end - now < SOON
    ? finding(
        check,
        'bad',
        `From ${rfc3339(end)} on no ${purpose} key signs, and nobody can log in: keyturn keys add --purpose ${purpose}.`,
      )
    : finding(check, 'ok', end === Infinity ? 'none' : `in ${formatDuration(end - now)}`);
}
