import { AuthError } from '../../index.js';
import type { BreachedPasswords } from './breached-passwords.js';
import { checkPassword } from './password-policy.js';

export interface PasswordRulesOptions {
  /** `PASSWORD_MIN_LENGTH`. */
  readonly minLength: number;
  /** What the service is called: its host name. */
  readonly service: string;
  /** Null: no list is given. */
  readonly breached: BreachedPasswords | null;
}

/** What every new password must meet, no matter who sets it. */
export class PasswordRules {
  constructor(private readonly options: PasswordRulesOptions) {}

  /**
   * @param email of the account that the password is for
   * @throws AuthError `invalid_request` with a sentence for each fault
   */
  async assert(password: string, email: string): Promise<void> {
    const { minLength, service, breached } = this.options;
    const details = checkPassword(password, { minLength, email, service });
    if (details.length === 0 && (await breached?.has(password))) {
      details.push('This password is known from a data breach; choose another.');
    }
    if (details.length > 0) throw new AuthError('invalid_request', details.join(' '), { details });
  }
}
