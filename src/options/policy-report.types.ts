import type { AuthPolicy } from './options.js';

/** What of a policy the report is made from. */
export type ReportedPolicy = Pick<
  AuthPolicy,
  | 'strategy'
  | 'keepsSessions'
  | 'renews'
  | 'slides'
  | 'clients'
  | 'grace'
  | 'onReuse'
  | 'maxSessionsPerSubject'
  | 'sliding'
>;

/** What a policy means for one kind of client. All times in milliseconds. */
export interface ClientReport {
  /** The client that the lives below are for. */
  readonly clientId: string;
  /** How long a thief has what he took, from the moment it was made, if he does all that it lets him. */
  readonly theft: {
    readonly accessToken: number;
    /** The one that is current; absent where there are none. */
    readonly refreshToken?: {
      /** The owner works on: his next refresh shows the theft, and ends the session. */
      readonly ownerAtWork: number;
      readonly ownerAway: number;
    };
    /** The one before it: so long it still yields its successor. Any older one yields an alarm, and nothing else. */
    readonly previousRefreshToken?: number;
  };
  /** How long it is from one login to the next. */
  readonly logins: {
    /** Somebody who makes a request every five minutes, day and night. */
    readonly steady: number;
    /** Once a day. */
    readonly daily: number;
    /** Once in thirty days. */
    readonly monthly: number;
  };
  /** Of somebody at work who makes a request every ten seconds; the guard itself asks no store. */
  readonly storeOperationsPerThousandRequests: number;
  /** In Redis, of a user's only session without device text (measured: test/stores/redis-storage). */
  readonly bytesPerSession: number;
}

/** What a policy means for a client that has credentials of its own and no users. Times in milliseconds. */
export interface MachineReport {
  /** The client. */
  readonly clientId: string;
  /** How long a thief has a machine token that he took. There is no refresh token, and nothing renews it. */
  readonly accessToken: number;
  /** How often it asks for a token if it is always at work; each costs one look at the store. */
  readonly tokensPerDay: number;
}

/** What the options mean in practice: how long each stolen thing is of use, and how often people log in. */
export interface PolicyReport {
  /** Which tokens there are. */
  readonly strategy: AuthPolicy['strategy'];
  /** The figures of each client that people use. */
  readonly clients: readonly ClientReport[];
  /** The figures of each client that has credentials, and so machine tokens. */
  readonly machines: readonly MachineReport[];
  /** What deserves a second look, each with the option to change. */
  readonly findings: readonly PolicyFinding[];
}

/** Something about a policy that its owner should know. */
export interface PolicyFinding {
  /** `dangerous`: a thief gains by it. `inconvenient`: honest users lose by it. */
  readonly level: 'dangerous' | 'inconvenient';
  /** The option it is about. */
  readonly option: string;
  /** What follows from it, and what to change. */
  readonly message: string;
}
