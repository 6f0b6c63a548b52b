import type { Scenario } from './rules.js';

const base: Omit<Scenario, 'name'> = {
  grace: 1,
  idle: 3,
  absolute: 5,
  lastTick: 7,
  slides: true,
  loadSubject: false,
  keyed: false,
  attemptTtl: Infinity,
  tabs: 2,
  steals: 0,
  faults: 0,
  losses: 0,
  rollback: false,
  revoke: false,
  passwordChange: false,
  deletion: false,
  logins: false,
  extensions: 0,
  restarts: 0,
  clockSteps: 0,
};

const change = { passwordChange: true, logins: true, tabs: 1, lastTick: 3 } as const;

export const scenarios = {
  tabs: { ...base, name: 'two tabs and a store that fails them', faults: 2, losses: 1, extensions: 1 },
  strict: { ...base, name: 'grace 0', grace: 0, faults: 2, losses: 1 },
  thief: { ...base, name: 'two tabs and a thief', steals: 1, losses: 1 },
  keyed: {
    ...base,
    name: 'an Idempotency-Key, a thief, grace 0',
    keyed: true,
    attemptTtl: 1,
    grace: 0,
    steals: 1,
    losses: 2,
  },
  keyedFault: {
    ...base,
    ...{ name: 'an Idempotency-Key and a store that fails', keyed: true, attemptTtl: 1, grace: 0, tabs: 1, faults: 1 },
  },
  rollback: { ...base, name: 'a store that loses its last writes', faults: 1, losses: 1, rollback: true },
  fixed: { ...base, name: 'strategy refresh: no sliding', slides: false, idle: 5, tabs: 1, steals: 1, rollback: true },
  logout: { ...base, name: 'a logout', tabs: 1, revoke: true, steals: 1, rollback: true },
  password: { ...base, ...change, name: 'a password change', loadSubject: true, rollback: true },
  storeOnly: { ...base, ...change, name: 'a password change where only the store knows generations', faults: 1 },
  deletion: {
    ...base,
    name: 'a deleted user',
    deletion: true,
    loadSubject: true,
    rollback: true,
    tabs: 1,
    lastTick: 3,
  },
  clock: { ...base, name: "a store's clock that steps back", clockSteps: 1, tabs: 2, faults: 1 },
  shortIdle: { ...base, name: 'an idle time no longer than grace', idle: 1, tabs: 2, losses: 1 },
  extended: { ...base, name: 'activity after a rollback', tabs: 1, rollback: true, extensions: 1 },
  /** All at once: what a thief does while the store fails and its owner logs out. */
  stormy: {
    ...base,
    name: 'a thief, a fault of the store and a logout',
    steals: 1,
    faults: 1,
    revoke: true,
    rollback: true,
    tabs: 1,
  },
} satisfies Record<string, Scenario>;

/** What the long run adds. */
export const wider: Record<keyof typeof scenarios, Partial<Scenario>> = {
  tabs: { faults: 3 },
  strict: { faults: 3 },
  thief: { faults: 1 },
  keyed: { faults: 1 },
  keyedFault: { faults: 2, losses: 1, tabs: 2 },
  rollback: { steals: 1, faults: 1, extensions: 1 },
  fixed: { tabs: 2, losses: 1, faults: 1 },
  logout: { tabs: 2, faults: 1, losses: 1 },
  password: { lastTick: 5, faults: 1, restarts: 1 },
  storeOnly: { lastTick: 5, losses: 1 },
  deletion: { tabs: 2, faults: 1, restarts: 1 },
  clock: { faults: 2, losses: 1 },
  shortIdle: { faults: 1 },
  extended: { tabs: 2, faults: 1 },
  stormy: { tabs: 2, losses: 1 },
};
