import type { Step } from './step.js';

/** Something that happens to sessions, from its first step to the end that it promises. */
export interface Story {
  /** In links: `/#story=thief`. */
  readonly id: string;
  readonly title: string;
  /** What happens, in two or three sentences. */
  readonly tells: string;
  /** How it ends, with the policy of the start. */
  readonly promise: string;
  readonly steps: readonly Step[];
}

export const STORIES: readonly Story[] = [
  {
    id: 'tabs',
    title: 'Two tabs race',
    tells:
      'Two tabs of one browser hold the same refresh token. Both use it in the same second, as pages do that know ' +
      'nothing of each other.',
    promise: 'Both tabs get the same new token, and nobody is signed out.',
    steps: [
      { do: 'sign-in', who: 'tab-a' },
      { do: 'join', who: 'tab-b', of: 'tab-a' },
      { do: 'wait', for: '31m' },
      { do: 'use', who: 'tab-a' },
      { do: 'use', who: 'tab-b' },
      { do: 'wait', for: '31m' },
      { do: 'use', who: 'tab-a' },
    ],
  },
  {
    id: 'lost',
    title: 'Lost answer, back in 3 hours',
    tells:
      'A phone refreshes, and its train enters a tunnel: the service has used up the token, and the answer never ' +
      'arrives. The app is closed. Three hours later it is opened again, with the old token.',
    promise: 'The phone gets the token that it had missed, because it sends the same Idempotency-Key.',
    steps: [
      { do: 'sign-in', who: 'phone' },
      { do: 'wait', for: '31m' },
      { do: 'lose-answer', who: 'phone' },
      { do: 'wait', for: '3h' },
      { do: 'use', who: 'phone' },
    ],
  },
  {
    id: 'thief',
    title: 'A thief replays',
    tells:
      'A thief copies the refresh token of a tab. The tab works on and gets the next token. Later the thief uses his ' +
      'copy.',
    promise: 'The copy is refused, the session ends for both, and its owner is told why.',
    steps: [
      { do: 'sign-in', who: 'tab-a' },
      { do: 'wait', for: '31m' },
      { do: 'use', who: 'tab-a' },
      { do: 'steal', who: 'thief', of: 'tab-a' },
      { do: 'wait', for: '31m' },
      { do: 'use', who: 'tab-a' },
      { do: 'wait', for: '5m' },
      { do: 'use-stolen', who: 'thief' },
      { do: 'use', who: 'tab-a' },
    ],
  },
  {
    id: 'password',
    title: 'Password change',
    tells:
      'A thief has a copy of the token of the phone. The owner changes the password in a tab, which asks for nothing ' +
      'else.',
    promise: 'The tab goes on with a new session; the phone and the thief are out at once.',
    steps: [
      { do: 'sign-in', who: 'phone' },
      { do: 'sign-in', who: 'tab-a' },
      { do: 'steal', who: 'thief', of: 'phone' },
      { do: 'wait', for: '5m' },
      { do: 'change-password', who: 'tab-a' },
      { do: 'use', who: 'phone' },
      { do: 'use-stolen', who: 'thief' },
      { do: 'use', who: 'tab-a' },
    ],
  },
  {
    id: 'revoke',
    title: 'Revoke from the phone',
    tells:
      'Somebody left a tab open in a library, and ends it from the phone. The access token of the tab would be good ' +
      'for 25 minutes more.',
    promise: 'The next request of the tab is refused, and the phone stays signed in.',
    steps: [
      { do: 'sign-in', who: 'tab-a' },
      { do: 'sign-in', who: 'phone' },
      { do: 'wait', for: '5m' },
      { do: 'use', who: 'tab-a' },
      { do: 'end', who: 'phone', of: 'tab-a' },
      { do: 'use', who: 'tab-a' },
      { do: 'use', who: 'phone' },
    ],
  },
];
