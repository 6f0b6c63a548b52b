import { DELETION, FIRST, LOGOUT, PASSWORD_CHANGE, SECOND } from './accounts.js';
import type { AccountFlow } from './accounts.js';
import { forge } from './forgery.js';
import { loseLastWrites, replaceInstance } from './outage.js';
import { AGAIN, ANSWERED, BEGUN, DELAYED_ADVANCE, DELAYED_RAISE, ENDING, IDLE, LOADING } from './refresh.js';
import type { Delivery, RefreshFlow } from './refresh.js';
import type { Rules, Scenario } from './rules.js';
import type { Seen } from './seen.js';
import { extendIdle } from './store.js';
import { STRANGER, USABLE } from './world.js';
import type { World } from './world.js';

/** Something that can happen, one atomic step of somebody. */
export interface Action {
  readonly name: string;
  readonly when: () => boolean;
  readonly run: () => void;
}

export interface Parts {
  readonly world: World;
  readonly rules: Rules;
  readonly scenario: Scenario;
  readonly seen: Seen;
  readonly refresh: RefreshFlow;
  readonly accounts: AccountFlow;
}

const ACTORS = ['tab 1', 'tab 2', 'stranger'];

export function refreshActions({ world, rules, scenario, refresh }: Parts): Action[] {
  const { globals, ghosts } = world;
  const { tabs, steals, logins } = scenario;
  const actors = [0, ...(tabs === 2 ? [1] : []), ...(steals || logins ? [STRANGER] : [])];
  return actors.flatMap((actor): Action[] => {
    const who = ACTORS[actor];
    const request = world.requestOf(actor);
    const jar = world.jarOf(actor);
    const atStore = () => request.phase === BEGUN || request.phase === AGAIN;
    const faulty = (what: string, delivery: Delivery): Action => ({
      name: `${who} ${what}`,
      when: () => globals.faultsLeft > 0 && atStore() && refresh.advances(request) && ghosts.some(({ kind }) => !kind),
      run: () => (globals.faultsLeft--, refresh.compare(actor, delivery)),
    });
    const at = (phase: number, what: string, run: () => void): Action => {
      return { name: `${who} ${what}`, when: () => request.phase === phase, run };
    };
    return [
      {
        name: `${who} presents its refresh token`,
        when: () => request.phase === IDLE && jar.held === 1 && jar.seq < USABLE,
        run: () => refresh.begin(actor),
      },
      { name: `${who} reaches the store`, when: atStore, run: () => refresh.compare(actor, 'answered') },
      faulty('reaches the store, where its command runs twice', 'executed twice'),
      faulty('gets 503: its command ran, the reply was lost', 'executed, unanswered'),
      faulty('gets 503: its command is still under way', 'delayed'),
      faulty('reaches the store, a copy of its command is still under way', 'answered, copy delayed'),
      at(ENDING, 'has the session ended', () => refresh.end(actor)),
      {
        name: `${who} gets 503: the session could not be ended`,
        when: () => request.phase === ENDING && globals.faultsLeft > 0,
        run: () => (globals.faultsLeft--, refresh.unavailable(actor)),
      },
      at(ANSWERED, 'stores the answer', () => refresh.deliver(actor)),
      {
        name: `${who} never gets the answer`,
        when: () => request.phase === ANSWERED && globals.lossesLeft > 0,
        run: () => (globals.lossesLeft--, world.forget(request)),
      },
      ...(rules.subjectLoadedFirst
        ? []
        : [
            at(LOADING, 'has its subject loaded', () => refresh.loadLate(actor)),
            at(LOADING, 'gets 503: its subject could not be loaded', () => refresh.unavailable(actor)),
          ]),
    ];
  });
}

export function clientActions({ world, scenario }: Parts): Action[] {
  const { globals } = world;
  const [own, stolen] = [world.jarOf(0), world.jarOf(STRANGER)];
  const steal = () => {
    const { sid, seq, iat } = own;
    globals.stealsLeft--;
    Object.assign(stolen, { held: 1, sid, seq, iat });
    world.sessionOf(sid).stolen = 1;
  };
  return [
    {
      name: 'the stranger copies the token of the tabs',
      when: () => globals.stealsLeft > 0 && own.held === 1 && !stolen.held,
      run: steal,
    },
    { name: 'a second passes', when: () => world.now < scenario.lastTick, run: () => void globals.now++ },
    {
      name: 'the clock of the store steps back',
      when: () => globals.clockStepsLeft > 0 && world.now > 2,
      run: () => (globals.clockStepsLeft--, void (globals.now -= 2)),
    },
  ];
}

export function storeActions({ world, rules, scenario, refresh, accounts }: Parts): Action[] {
  const { globals, ghosts, snapshot, readEarlier } = world;
  const record = world.recordOf(FIRST);
  const late = ghosts.flatMap((ghost, i): Action[] => [
    { name: 'a delayed advance runs', when: () => ghost.kind === DELAYED_ADVANCE, run: () => refresh.runGhost(i) },
    { name: 'a delayed raise runs', when: () => ghost.kind === DELAYED_RAISE, run: () => accounts.runDelayedRaise(i) },
  ]);
  const rollback: Action[] = [
    {
      name: 'the store is copied',
      when: () => !snapshot.taken && !globals.rolledBack,
      run: () => world.takeSnapshot(),
    },
    {
      name: 'the store falls back to its copy',
      when: () => snapshot.taken === 1,
      run: () => loseLastWrites(world, scenario),
    },
    {
      name: 'the instance is replaced by one that has heard nothing',
      when: () => globals.rolledBack === 1 && globals.restartsLeft > 0,
      run: () => (globals.restartsLeft--, replaceInstance(world)),
    },
  ];
  const alive = () => globals.extendsLeft > 0 && record.live === 1 && world.now < record.idleEnd;
  const extend = (name: string, run: () => void): Action => {
    return { name, when: alive, run: () => (globals.extendsLeft--, run()) };
  };
  const readToWriteBack = () => {
    globals.writeBack = 1;
    world.copyRecord(record, readEarlier);
  };
  const extension: Action[] = rules.extensionIsAtomic
    ? [extend('activity extends the session', () => extendIdle(world, FIRST, scenario))]
    : [
        extend('activity reads the session', readToWriteBack),
        {
          name: 'activity writes the session back',
          when: () => globals.writeBack === 1,
          run: () => ((globals.writeBack = 0), world.copyRecord(readEarlier, record)),
        },
      ];
  return [...late, ...(scenario.rollback ? rollback : []), ...(scenario.extensions ? extension : [])];
}

export function accountActions({ world, accounts, scenario }: Parts): Action[] {
  const { login, revocation, globals, ghosts } = world;
  const step = (name: string, due: () => boolean, run: () => void): Action => {
    return { name, when: () => revocation.phase === 1 && due(), run };
  };
  const start = (name: string, kind: number): Action => {
    return { name, when: () => !revocation.phase, run: () => accounts.startRevocation(kind) };
  };
  const unraised = () => !revocation.raised;
  const doubled = () => unraised() && globals.faultsLeft > 0 && ghosts.some(({ kind }) => !kind);
  const done = () => revocation.raised === 1 && revocation.removed === 1 && !revocation.published;
  const logins: Action[] = [
    {
      name: 'a login reads the password',
      when: () => !login.phase && !world.sessionOf(SECOND).loginAt,
      run: () => accounts.readPassword(),
    },
    { name: 'the login opens its session', when: () => login.phase === 1, run: () => accounts.openSession() },
  ];
  const steps: Action[] = [
    step('the generation is raised in the store', unraised, () => accounts.raise(false)),
    step('the generation is raised, a copy of the command is still under way', doubled, () => {
      globals.faultsLeft--;
      accounts.raise(true);
    }),
    step(
      'the sessions are removed',
      () => !revocation.removed,
      () => accounts.removeSessions(),
    ),
    step('the revocation is published', done, () => accounts.publish()),
    step(
      'the revocation is acknowledged',
      () => revocation.published > 0,
      () => accounts.acknowledge(),
    ),
    { name: 'the instance hears of it', when: () => revocation.published === 1, run: () => accounts.hear() },
  ];
  return [
    ...(scenario.logins ? logins : []),
    ...(scenario.revoke ? [start('a logout begins', LOGOUT)] : []),
    ...(scenario.passwordChange ? [start('the password is changed', PASSWORD_CHANGE)] : []),
    ...(scenario.deletion ? [start('the user is deleted', DELETION)] : []),
    ...(scenario.revoke || scenario.passwordChange || scenario.deletion ? steps : []),
  ];
}

/** Somebody who knows a session's id and has a key, but no token of it; old, current and ahead of the store. */
export function forgeries({ world, rules, scenario, seen }: Parts): Action[] {
  const record = world.recordOf(FIRST);
  return [-2, -1, 0, 2].map((offset) => ({
    name: `a foreign token is presented, ${offset} from the current one`,
    when: () => record.live === 1 && record.seq + offset >= 0,
    run: () => forge(world, rules, scenario, seen, FIRST, record.seq + offset),
  }));
}
