import type { PastSession, SessionRecord } from '../../index.js';
import { endedByTime, formatDuration, type StoredSubject } from '../../internal.js';
import { CAUSES, REASONS, UNKNOWN, type Meaning } from './causes.js';

const MINUTE = 60_000;

/** What is known of one session, and what to say about it. */
interface Told {
  readonly title: string;
  readonly meaning: Meaning;
  readonly rows: readonly (readonly [string, string])[];
}

/**
 * The answer to "why was I logged out". Pure.
 * @param sid the session asked for; undefined: the last one that ended
 */
export function whyReport(found: StoredSubject | null, sid: string | undefined): string {
  if (!found) return section(unknown(sid));
  const { now } = found;
  // Those that are over and that nobody has come upon yet are told of as well.
  const overdue = found.sessions.flatMap((session) => endedByTime(session, now) ?? []);
  const ended = [...overdue, ...found.past].toSorted((a, b) => b.endedAt - a.endedAt);
  const asked = sid === undefined ? ended[0] : ended.find((past) => past.sid === sid);
  const alive = found.sessions.filter((session) => !endedByTime(session, now));
  const others = ended.filter((past) => past !== asked && past.endedAt <= (asked?.endedAt ?? now));
  return [
    section(asked ? aboutPast(asked, now) : withoutPast(found, sid, alive)),
    others.length > 0 ? `Before it:\n${others.map((past) => `  ${line(past)}\n`).join('')}` : '',
    alive.length > 0 ? `Alive now:\n${alive.map((session) => `  ${liveLine(session)}\n`).join('')}` : '',
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function aboutPast(past: PastSession, now: number): Told {
  const { sid, reason, cause, endedAt, createdAt, rotatedAt, seq, clientId, device, ip, distance, age } = past;
  return {
    title: `Session ${sid} has ended.`,
    meaning: cause ? CAUSES[cause] : REASONS[reason],
    rows: [
      ['ended', `${time(endedAt)}, ${ago(now - endedAt)}${ip === undefined ? '' : `, by a request from ${ip}`}`],
      ['told', `${reason}${cause ? ` (${cause})` : ''}`],
      ...(distance === undefined
        ? []
        : [
            ['token', `${distance} rotation(s) old, spent for ${formatDuration(age ?? 0)} when it came again`] as const,
          ]),
      ['opened', `${time(createdAt)}${from(device.ip)}, client ${clientId}${named(device.name)}`],
      ['used', seq === 0 ? 'never refreshed' : `refreshed ${seq} times, the last ${time(rotatedAt)}`],
    ],
  };
}

function withoutPast({ reasons }: StoredSubject, sid: string | undefined, alive: readonly SessionRecord[]): Told {
  if (sid === undefined) {
    return alive.length > 0
      ? {
          title: 'No session of this account has ended for as long as that is remembered (ENDED_RETENTION).',
          meaning: {
            was: 'The sessions below are alive. A device that is logged out has lost its tokens.',
            todo: 'Look at the app: where it keeps its tokens, and what it answers a 401 or a 503 with.',
          },
          rows: [],
        }
      : unknown(undefined);
  }
  const living = alive.find((session) => session.sid === sid);
  if (living) {
    return {
      title: `Session ${sid} is alive.`,
      meaning: {
        was: 'The store would refresh it. A device that is logged out has lost its tokens.',
        todo: 'Look at the app: where it keeps its tokens, and what it answers a 401 or a 503 with.',
      },
      rows: [
        ['opened', `${time(living.createdAt)}${from(living.device.ip)}`],
        [
          'used',
          living.seq === 0 ? 'never refreshed' : `refreshed ${living.seq} times, the last ${time(living.rotatedAt)}`,
        ],
      ],
    };
  }
  const reason = reasons.get(sid);
  if (reason === undefined) return unknown(sid);
  return { title: `Session ${sid} has ended.`, meaning: REASONS[reason], rows: [['told', reason]] };
}

const unknown = (sid: string | undefined): Told => ({
  title: sid === undefined ? 'There is no session of this account, alive or ended.' : `Session ${sid} is unknown.`,
  meaning: UNKNOWN,
  rows: [],
});

const section = ({ title, meaning, rows }: Told): string =>
  `${[title, '', ...rows.map(([name, value]) => `  ${name.padEnd(8)}${value}`), ...(rows.length > 0 ? [''] : []), meaning.was, `What to do: ${meaning.todo}`].join('\n')}\n`;

const line = ({ sid, endedAt, reason, cause, ip }: PastSession): string =>
  `${time(endedAt)}  ${sid}  ${cause ?? reason}${from(ip)}`;
const liveLine = ({ sid, createdAt, seq, device }: SessionRecord): string =>
  `${time(createdAt)}  ${sid}  login${from(device.ip)}, refreshed ${seq} times`;
const time = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
const from = (ip: string | undefined): string => (ip === undefined ? '' : ` from ${ip}`);
/** What a client has sent may be anything. */
const named = (name: string | undefined): string =>
  name === undefined ? '' : `, "${name.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')}"`;
const ago = (milliseconds: number): string =>
  milliseconds < MINUTE ? 'just now' : `${formatDuration(Math.floor(milliseconds / MINUTE) * MINUTE)} ago`;
