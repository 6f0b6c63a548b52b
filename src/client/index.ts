export { createSession } from './session.js';
export { SessionError } from './session-error.js';
export type { SessionErrorCode } from './session-error.js';
export type { ReauthenticationRequest, Session, SessionEvents, SessionOptions, SessionState } from './session.types.js';
export type { SessionEnd, SessionStorage, Stored, StoredEnd, StoredSession } from './storage/session-storage.js';
export type { TokenAnswer } from '../auth.answers.js';
