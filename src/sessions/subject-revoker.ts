import type { RequestInfo } from '../events/request-info.js';

/**
 * How a host with `loadSubject` ends everything of a subject: the generation is the host's, so only the host can raise
 * it. Provide one where `AuthModule` sees it (a global module, or one of its `imports`), and `POST logout-all` asks it.
 * Without one that route ends the sessions that are open, one by one.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class UsersRevoker extends SubjectRevoker {
 *   constructor(private readonly users: Users, private readonly sessions: SessionService) {
 *     super();
 *   }
 *
 *   async revokeAll(sub: string, info?: RequestInfo) {
 *     await this.sessions.revokeAll(sub, await this.users.raiseGeneration(sub), info);
 *   }
 * }
 * ```
 */
export abstract class SubjectRevoker {
  /**
   * Raises the subject's durable generation and ends its sessions.
   * @throws AuthError `store_unavailable`: call it again, it may be repeated
   */
  abstract revokeAll(sub: string, info?: RequestInfo): Promise<void>;
}
