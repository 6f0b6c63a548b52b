import type { ActorId, Decision, Exchange } from '../world.types.js';
import { codeOf, kindOf } from './answers.js';
import type { Step } from './step.js';

export const ACTOR_NAMES: Readonly<Record<ActorId, string>> = {
  'tab-a': 'Tab A',
  'tab-b': 'Tab B',
  phone: 'Phone',
  thief: 'Thief',
};

/** `31 min`, `3 h`, `15 days`: milliseconds in the words of people, the two largest units. */
export function lengthOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const parts: string[] = [];
  if (days > 0) parts.push(days === 1 ? '1 day' : `${days} days`);
  if (hours > 0) parts.push(`${hours} h`);
  if (minutes > 0 && days === 0) parts.push(`${minutes} min`);
  if (parts.length === 0) parts.push(`${seconds} s`);
  return parts.join(' ');
}

/** `+31 min`, from `31m`. */
export const waitOf = (duration: string): string => {
  const unit = { s: 's', m: 'min', h: 'h', d: 'days' }[duration.at(-1)!] ?? '';
  const count = duration.slice(0, -1);
  return `+${count} ${count === '1' && unit === 'days' ? 'day' : unit}`;
};

/** A step as a sentence. */
export function sentenceOf(step: Step): string {
  if (step.do === 'wait') return `Time passes: ${waitOf(step.for).slice(1)}.`;
  const who = ACTOR_NAMES[step.who];
  switch (step.do) {
    case 'sign-in':
      return `${who} signs in.`;
    case 'use':
      return `${who} asks for the cart.`;
    case 'lose-answer':
      return `${who} asks for the cart; the answer to its refresh is lost, and the program is closed.`;
    case 'change-password':
      return `${who} changes the password.`;
    case 'end-others':
      return `${who} ends the other sessions.`;
    case 'sign-out':
      return `${who} signs out.`;
    case 'join':
      return `${who} opens and finds the session of ${ACTOR_NAMES[step.of]}.`;
    case 'end':
      return `${who} ends the session of ${ACTOR_NAMES[step.of]}.`;
    case 'steal':
      return `The thief copies the refresh token of ${ACTOR_NAMES[step.of]}.`;
    case 'use-stolen':
      return 'The thief uses his copy.';
  }
}

/** A row of the rotation rule. */
export interface RuleRow {
  readonly name: string;
  readonly says: string;
}

/** The row that decided, with the numbers that the rule gave. */
export function rowOf({ kind, ...details }: Decision): RuleRow {
  const age = lengthOf(Number(details.age ?? 0));
  switch (kind) {
    case 'advance':
      return details.ahead === undefined
        ? {
            name: 'current',
            says: `The token is the newest one, so the session advances from token ${String(details.expectSeq)} to token ${String(details.nextSeq)}.`,
          }
        : {
            name: 'ahead',
            says: `The store has lost its last writes, and takes token ${String(details.nextSeq)} over from the token itself.`,
          };
    case 'replay':
      return {
        name: 'replay',
        says: details.sameAttempt
          ? `The token was used ${age} before, by the same attempt (Idempotency-Key): it gets the same successor, byte for byte.`
          : `The token was used ${age} before, which is within grace: it gets the same successor, byte for byte.`,
      };
    case 'reuse':
      return {
        name: 'reuse',
        says: `The token is ${String(details.distance)} behind, and its successor is ${age} old: somebody has a copy. The session ends.`,
      };
    case 'gone':
      return { name: 'gone', says: 'There is no such session any more. Nothing is written.' };
    case 'foreign':
      return { name: 'foreign', says: 'The token is not of this session. Nothing is written.' };
    case 'outdated':
      return { name: 'outdated', says: 'Every token of the user below a newer generation is dead. The session ends.' };
    case 'over':
      return { name: 'over', says: 'The session is past its idle end or its absolute end.' };
    default:
      return { name: kind, says: 'There is no such user any more. The session ends.' };
  }
}

/** Why an exchange came out as it did, where the rotation rule was not asked. */
export function reasonOf(exchange: Exchange): RuleRow {
  if (exchange.decision) return rowOf(exchange.decision);
  const code = codeOf(exchange);
  const kind = kindOf(exchange);
  if (exchange.status < 400) {
    const says = {
      login: 'The password was right: a new session with its token 0.',
      refresh: '',
      password: 'Every session of the user ends, and this device goes on with a new one.',
      end: 'The record is removed first, then every instance is told by the feed of revocations.',
      logout: 'The record is removed first, then every instance is told by the feed of revocations.',
      call: 'The guard checked the signature, the times and the list of revocations, all in memory.',
    }[kind];
    return { name: kind === 'call' ? 'guard' : kind, says };
  }
  if (code === 'token_expired') return { name: 'guard', says: 'The access token is over.' };
  return {
    name: 'list of revocations',
    says: 'The instance knows from its list, in memory, that the session has ended; neither the store nor the rule was asked.',
  };
}
