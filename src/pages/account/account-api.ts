import { SessionError, type Session, type TokenAnswer } from '../../client/index.js';
import { posting, readAnswer } from '../../client/service-call.js';

/** Milliseconds that an answer may take. */
const TIMEOUT = 20_000;

/** The parts of the answer of `GET /auth/me` that the page shows or goes by. */
export interface Me {
  readonly sid: string;
  readonly email: string;
  readonly expires_at: number;
  readonly issued_at: number;
  readonly session_expires_in?: number;
}

/** Of `GET /auth/email`. */
export interface Address {
  readonly email: string;
  readonly email_verified: boolean;
}

/** Of `GET /auth/sessions` and `GET /auth/sessions/ended`; times in seconds since the epoch. */
export interface Device {
  readonly id: string;
  readonly device_name: string | null;
  readonly user_agent: string | null;
  readonly ip: string | null;
  readonly created_at: number;
  readonly last_seen_at: number;
}
export interface OpenDevice extends Device {
  readonly current: boolean;
}
export interface EndedDevice extends Device {
  readonly ended_at: number;
  readonly reason: string;
  readonly cause: string | null;
  readonly ended_from: string | null;
}

/** The routes that the page uses, as its user. All throw {@link SessionError}. */
export interface AccountApi {
  readonly me: () => Promise<Me>;
  readonly address: () => Promise<Address>;
  readonly devices: () => Promise<readonly OpenDevice[]>;
  readonly endedDevices: () => Promise<readonly EndedDevice[]>;
  readonly endDevice: (id: string) => Promise<void>;
  readonly endOtherDevices: () => Promise<void>;
  /** @returns the answer of a new login; without a session where the store could not open one */
  readonly changePassword: (current: string, next: string) => Promise<Partial<TokenAnswer>>;
  /** Asks for the password again where the login is too old. */
  readonly changeEmail: (address: string) => Promise<void>;
}

export function accountApi({ fetch }: Pick<Session, 'fetch'>, url: string): AccountApi {
  async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    try {
      return await readAnswer<T>(await fetch(`${url}/${path}`, { signal: AbortSignal.timeout(TIMEOUT), ...init }));
    } catch (error) {
      throw error instanceof SessionError ? error : new SessionError('offline');
    }
  }
  return {
    me: () => ask('me'),
    address: () => ask('email'),
    devices: async () => (await ask<{ sessions: OpenDevice[] }>('sessions')).sessions,
    endedDevices: async () => (await ask<{ sessions: EndedDevice[] }>('sessions/ended')).sessions,
    endDevice: (id) => ask(`sessions/${id}`, { method: 'DELETE' }),
    endOtherDevices: () => ask('sessions', { method: 'DELETE' }),
    changePassword: (current_password, new_password) => ask('password', posting({ current_password, new_password })),
    // Waits as long as its user takes to enter the password again.
    changeEmail: (new_email) => ask('email/change', { ...posting({ new_email }), signal: null }),
  };
}
