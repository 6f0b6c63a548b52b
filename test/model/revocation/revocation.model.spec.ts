import { AREAS } from '../../mutants/list/index.mjs';
import { explore, type System } from '../explore.js';
import { mutatedSource } from '../mutated-source.js';
import { NEW_SESSION_LIVES, RevocationModel, STAYS_ENDED, TOKEN_IS_DEAD, type Property } from './model.js';
import { intended, type Rules } from './shipped.js';

/** `npm run test:model` is the long run. */
const DEPTH = process.env.MODEL_DEPTH === undefined ? 9 : Number(process.env.MODEL_DEPTH);
/** No fault needs a longer way. */
const MUTANT_DEPTH = 12;

jest.setTimeout(3_600_000);

/** What may happen in each: actions by a part of their name. Together all of them; one by one they can be walked far. */
const CASTS = {
  forgetting: [
    'second passes',
    'seconds pass',
    '1 removes',
    '1 publishes',
    '2 reads',
    '2 loses',
    '2 is asked to renew',
    'is shown the access token',
  ],
  fall: [
    'seconds pass',
    'is copied',
    'falls back',
    '1 removes',
    '1 publishes',
    'reads',
    'gives back',
    '2 is asked to refresh',
    '1 is replaced',
    '2 is shown',
  ],
  password: [
    'seconds pass',
    'is copied',
    'falls back',
    '1 raises',
    '1 publishes',
    'a login',
    '1 reads',
    '1 gives back',
    '1 is asked to refresh',
  ],
} as const;
type Cast = keyof typeof CASTS;

/** The same world, judged by one property alone: others may be broken sooner. */
const only = (model: RevocationModel, property: Property): System<Property> => ({
  width: model.width,
  initial: model.initial,
  actions: model.actions,
  step: (...taken) => model.step(...taken)?.filter((one) => one === property) ?? null,
});

const brokenBy = (rules: Partial<Rules>, cast: Cast, property: Property) =>
  explore(only(new RevocationModel({ ...intended, ...rules }, CASTS[cast]), property), MUTANT_DEPTH).violation?.rules ??
  [];

describe('two instances, a feed that forgets, a store that falls back: every interleaving', () => {
  it.each(Object.keys(CASTS) as Cast[])('keeps what was revoked revoked, and nothing else: %s', (cast) => {
    const { states, violation, depth } = explore(new RevocationModel(intended, CASTS[cast]), DEPTH);
    process.stdout.write(`  ${String(states).padStart(8)} states ${depth} steps: revocation, ${cast}\n`);
    expect([violation?.rules.map(({ name }) => name), violation?.trace]).toEqual([undefined, undefined]);
  });
});

describe('each fault around the shipped functions breaks a property', () => {
  it.each<[fault: string, rules: Partial<Rules>, cast: Cast, property: Property]>([
    ['the feed is read on from the last position after a break', { readsWholeWindow: false }, 'fall', STAYS_ENDED],
    ['lost entries are published again without their effects', { repeatsEffects: false }, 'fall', STAYS_ENDED],
    ['knowledge that is too old renews all the same', { mindsStaleness: false }, 'forgetting', TOKEN_IS_DEAD],
    [
      'a raised generation ends the sessions of the new password',
      { sparesNewSessions: false },
      'password',
      NEW_SESSION_LIVES,
    ],
  ])('%s', (_fault, rules, cast, property) => {
    expect(brokenBy(rules, cast, property)).toEqual([property]);
  });
});

describe('a fault in the source of what ships breaks a property', () => {
  const find = (area: string, name: string) => {
    const mutant = AREAS[area]!.mutants.find((one) => one.name === name);
    if (!mutant) throw new Error(`no mutant "${name}" in ${area}`);
    return { file: AREAS[area]!.file, ...mutant };
  };

  it.each<[area: string, name: string, cast: Cast, property: Property]>([
    ['retention', 'retention without staleness, time-out and tolerance', 'forgetting', TOKEN_IS_DEAD],
    ['healing', 'an ended session is not ended again', 'fall', STAYS_ENDED],
    ['healing', 'a generation is raised by one more', 'password', NEW_SESSION_LIVES],
  ])('%s: %s', (area, name, cast, property) => {
    const mutant = find(area, name);
    expect(brokenBy(mutatedSource<Partial<Rules>>(mutant.file, mutant), cast, property)).toEqual([property]);
  });
});
