/** What is known about the device a session was opened on. Comes from outside: shown to its owner, never trusted. */
export interface DeviceInfo {
  readonly name?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly ip?: string | undefined;
}

/** Which request asks. For the session list, events and audit lines; nothing is decided by it. */
export interface RequestInfo {
  readonly device?: DeviceInfo | undefined;
  /** The subject whose access token came with the request: an administrator, where somebody else's account is changed. */
  readonly by?: string | undefined;
  /** What the server calls the request: the same in all events of one request. */
  readonly requestId?: string | undefined;
  /** What the client, or a proxy, calls it. Anybody can choose it, so it only helps to find the request in other logs. */
  readonly clientRequestId?: string | undefined;
}
