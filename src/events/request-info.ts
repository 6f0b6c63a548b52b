/** What is known about the device a session was opened on. Comes from outside: shown to its owner, never trusted. */
export interface DeviceInfo {
  /** What the user or the app calls the device. */
  readonly name?: string | undefined;
  /** The `User-Agent` header of the login. */
  readonly userAgent?: string | undefined;
  /** The address of the login, as trusted proxies tell it. */
  readonly ip?: string | undefined;
}

/**
 * How a session came to its end, finer than the reason that its owner is told: `logout` on the device itself,
 * `other_device` by its owner from elsewhere, `logout_everywhere`, `password_changed`, `password_reset`, `disabled`,
 * `deleted`, `administrator`, `session_limit` (the oldest made room), `new_login` (its cookies were replaced),
 * `subject_gone` and `outdated` (found at a refresh), `reused`; by time: `idle`, `absolute`.
 */
export type EndCause =
  | 'logout'
  | 'other_device'
  | 'logout_everywhere'
  | 'password_changed'
  | 'password_reset'
  | 'disabled'
  | 'deleted'
  | 'administrator'
  | 'session_limit'
  | 'new_login'
  | 'subject_gone'
  | 'outdated'
  | 'reused'
  | 'idle'
  | 'absolute';

/** Which request asks. For the session list, events and audit lines; nothing is decided by it. */
export interface RequestInfo {
  /** The device that the request comes from. */
  readonly device?: DeviceInfo | undefined;
  /** The subject whose access token came with the request: an administrator, where somebody else's account is changed. */
  readonly by?: string | undefined;
  /** What the server calls the request: the same in all events of one request. */
  readonly requestId?: string | undefined;
  /** What the client, or a proxy, calls it. Anybody can choose it, so it only helps to find the request in other logs. */
  readonly clientRequestId?: string | undefined;
  /** Where it stands in a trace (W3C Trace Context). Where no span is active it is what the client says, too. */
  readonly traceparent?: string | undefined;
  /** Why it ends sessions, where it does: for events and for `keyturn why`. */
  readonly cause?: EndCause | undefined;
}
