export { createSession } from './session.js';
export { SessionError } from './session-error.js';
export type { SessionErrorCode } from './session-error.js';
export type {
  ReauthenticationRequest,
  Session,
  SessionEnd,
  SessionEvents,
  SessionOptions,
  SessionState,
} from './session.types.js';
export type { SessionStorage, Stored, StoredEnd, StoredSession } from './storage/session-storage.js';
export type { TokenAnswer } from '../auth.answers.js';
