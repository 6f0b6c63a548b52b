import { Inject, Injectable, Logger } from '@nestjs/common';
import { AuthError, SessionService, type SessionRequest, type TokenGrant } from '../../index.js';
import { AccountChanges } from './account-changes.js';
import type { AuthenticatedUser } from './users.service.js';

/** Opens the session of a user whose password was right. */
@Injectable()
export class LoginSessions {
  private readonly logger = new Logger('Keyturn');

  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(AccountChanges) private readonly changes: AccountChanges,
  ) {}

  /**
   * The session store refuses a login below the generation that it has noted. The users table is always raised first, so a
   * row that is still below it was restored from a backup: it is raised again, or its user could not log in with any
   * password.
   *
   * @throws AuthError `invalid_credentials` (the password was changed meanwhile), and those of `SessionService.open`
   */
  async open(
    { user, generation }: AuthenticatedUser,
    request: Omit<SessionRequest, 'sub' | 'generation'>,
  ): Promise<TokenGrant> {
    const login = { ...request, sub: user.id };
    try {
      return await this.sessions.open({ ...login, generation });
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'invalid_credentials') throw error;
      const noted = await this.sessions.generationOf(user.id);
      if (!(await this.changes.catchUp(user.id, generation, noted))) throw error;
      this.logger.warn(
        `The users table is older than the session store (restored from a backup?): the generation of user ${user.id} was raised.`,
      );
      return this.sessions.open({ ...login, generation: noted });
    }
  }
}
