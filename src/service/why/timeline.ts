import type { PastSession, SessionRecord, Snapshot } from '../../index.js';
import { endedByTime } from '../../internal.js';
import { CAUSES, REASONS, type Meaning } from './causes.js';

/** Something that happened to a session. Times are whole seconds since the epoch; what is not known is absent. */
export interface TimelineEvent {
  readonly at: number;
  readonly event: 'session.opened' | 'session.refreshed' | 'session.ended';
  readonly session_id: string;
  readonly client_id?: string;
  readonly device_name?: string;
  readonly user_agent?: string;
  /** Where the login, or the request that ended the session, came from. */
  readonly ip?: string;
  /** How often it was refreshed; the time is that of the last one. */
  readonly refreshes?: number;
  readonly reason?: string;
  readonly cause?: string;
  /** Of a spent token that was used again: how many rotations it was behind. */
  readonly rotations_behind?: number;
  /** And for how many seconds it had been spent. */
  readonly spent_for?: number;
}

/** What is known of a session, and of the others of its user until its end. */
export interface Timeline {
  readonly session_id: string;
  readonly state: 'alive' | 'ended';
  /** What ended it, in words. */
  readonly explanation?: string;
  readonly advice?: string;
  /** The earliest first. */
  readonly events: readonly TimelineEvent[];
}

/** What the store has of a user and of one of the sessions. */
export interface Stored {
  /** The session that is asked for. */
  readonly found: Snapshot;
  /** Those that are alive. */
  readonly sessions: readonly SessionRecord[];
  readonly past: readonly PastSession[];
}

type Session = Pick<SessionRecord, 'sid' | 'createdAt' | 'rotatedAt' | 'seq' | 'clientId' | 'device'>;

/**
 * The story of a session: its login, its last refresh, its end, and between them the logins and ends of the user's other
 * sessions. Pure.
 * @returns null where the store knows nothing of it
 */
export function timelineOf(sid: string, { found, sessions, past }: Stored): Timeline | null {
  const { record, ended, now } = found;
  const own = past.find((one) => one.sid === sid) ?? (record && endedByTime(record, now));
  if (!own && !record) return ended === null ? null : remembered(sid, REASONS[ended]);
  const until = own?.endedAt ?? now;
  const others = past.filter((one) => one.sid !== sid);
  const beside = [...others, ...sessions.filter((one) => one.sid !== sid)];
  const events = [
    ...told(own ?? record!),
    ...(own ? [end(own)] : []),
    ...beside.map(opening),
    ...others.map(end),
    // A store may keep ends by the second.
  ].filter(({ at }) => seconds(at) <= seconds(until));
  return {
    session_id: sid,
    ...(own ? { state: 'ended', ...words(own.cause ? CAUSES[own.cause] : REASONS[own.reason]) } : { state: 'alive' }),
    events: events.toSorted((a, b) => a.at - b.at).map((event) => ({ ...event, at: seconds(event.at) })),
  };
}

const told = (session: Session): TimelineEvent[] => [
  opening(session),
  ...(session.seq > 0 ? [refreshes(session)] : []),
];

/** More of it is not remembered. */
const remembered = (sid: string, meaning: Meaning): Timeline => ({
  session_id: sid,
  state: 'ended',
  ...words(meaning),
  events: [],
});

const words = ({ was, todo }: Meaning) => ({ explanation: was, advice: todo });

const opening = ({ sid, createdAt, clientId, device }: Session): TimelineEvent => ({
  at: createdAt,
  event: 'session.opened',
  session_id: sid,
  client_id: clientId,
  ...(device.name !== undefined && { device_name: device.name }),
  ...(device.userAgent !== undefined && { user_agent: device.userAgent }),
  ...(device.ip !== undefined && { ip: device.ip }),
});

const refreshes = ({ sid, rotatedAt, seq }: Session): TimelineEvent => ({
  at: rotatedAt,
  event: 'session.refreshed',
  session_id: sid,
  refreshes: seq,
});

const end = ({ sid, endedAt, reason, cause, ip, distance, age }: PastSession): TimelineEvent => ({
  at: endedAt,
  event: 'session.ended',
  session_id: sid,
  reason,
  ...(cause !== undefined && { cause }),
  ...(ip !== undefined && { ip }),
  ...(distance !== undefined && { rotations_behind: distance, spent_for: seconds(age ?? 0) }),
});

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
