import { Inject, Injectable } from '@nestjs/common';
import {
  AuthError,
  AuthEvents,
  LoginLimits,
  type AuthUser,
  type CountedAttempt,
  type PasswordAttempt,
  type RequestInfo,
} from '../../index.js';
import { DeviceTokens, sourceOf } from '../../internal.js';
import { emailKey } from './user.js';
import { UsersService, type AuthenticatedUser } from './users.service.js';

/** Whose password was right, and a token by which this device is known from now on. */
export interface LoggedIn extends AuthenticatedUser {
  readonly deviceToken: string;
}

type Admit = (attempt: PasswordAttempt) => Promise<void>;

/** Every check of a password: counted before it is done, so that attempts at the same time are all seen. */
@Injectable()
export class PasswordChecks {
  constructor(
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(LoginLimits) private readonly limits: LoginLimits,
    @Inject(DeviceTokens) private readonly devices: DeviceTokens,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  /**
   * @param deviceTokens what the device says of itself; anything
   * @throws AuthError `invalid_credentials`, `too_many_attempts`
   */
  async login(email: string, password: string, deviceTokens: readonly string[], info: RequestInfo): Promise<LoggedIn> {
    let device: string | undefined;
    const authenticated = await this.counted(info, (admit) =>
      this.users.authenticate(email, password, {
        source: sourceOf(info.device?.ip),
        admit: (owner) => {
          device = owner ? deviceTokens.map((token) => this.devices.read(token, owner)).find(Boolean) : undefined;
          return admit({ account: emailKey(email), device: device && `token ${device}` });
        },
      }),
    );
    const { user, generation } = authenticated;
    return { ...authenticated, deviceToken: this.devices.issue({ sub: user.id, generation }, device) };
  }

  /**
   * The password of somebody who is logged in. His session counts as a known device: others who guess do not keep him
   * from it, and who has only a token of his gets no more guesses than a known device.
   * @returns the hash that was verified
   * @throws AuthError `invalid_credentials`, `too_many_attempts`
   */
  async again({ sub, sid }: AuthUser, password: string, info: RequestInfo): Promise<string> {
    try {
      return await this.counted(info, (admit) =>
        this.users.verifyPassword(sub, password, {
          source: sourceOf(info.device?.ip),
          admit: (owner) => admit({ account: owner ? emailKey(owner.email) : sub, device: `session ${sid}` }),
        }),
      );
    } catch (error) {
      if (error instanceof AuthError && error.code !== 'too_many_attempts') {
        this.events.emit({ type: 'password.refused', sub, sid, code: error.code }, info);
      }
      throw error;
    }
  }

  /** Only wrong passwords count: what was right, or was not checked for a fault of ours, is taken back. */
  private async counted<T>(info: RequestInfo, check: (admit: Admit) => Promise<T>): Promise<T> {
    const attempts: CountedAttempt[] = [];
    let isWrong = false;
    try {
      return await check(async (attempt) => void attempts.push(await this.limits.consume(attempt, info)));
    } catch (error) {
      isWrong = error instanceof AuthError && error.code === 'invalid_credentials';
      throw error;
    } finally {
      if (!isWrong) for (const attempt of attempts) await this.limits.reward(attempt);
    }
  }
}
