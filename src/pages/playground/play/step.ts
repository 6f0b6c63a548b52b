import { ACTORS, type ActorId } from '../world.types.js';

/** Who has the client of the library; the thief has only what he copies. */
export type Holder = Exclude<ActorId, 'thief'>;

/** One thing that somebody does, or that time does. */
export type Step =
  | { readonly do: 'wait'; readonly for: string }
  | {
      readonly do: 'sign-in' | 'use' | 'lose-answer' | 'change-password' | 'end-others' | 'sign-out';
      readonly who: Holder;
    }
  /** Another tab of the same browser finds the session that is there. */
  | { readonly do: 'join'; readonly who: Holder; readonly of: Holder }
  /** `who` ends the session of `of`, by the list of devices. */
  | { readonly do: 'end'; readonly who: Holder; readonly of: Holder }
  | { readonly do: 'steal'; readonly who: 'thief'; readonly of: Holder }
  /** The thief uses the refresh token that he has. */
  | { readonly do: 'use-stolen'; readonly who: 'thief' };

/** As a link carries it: `tab-a.sign-in,wait.31m,thief.steal.tab-a`. */
export const textOf = (steps: readonly Step[]): string =>
  steps
    .map((step) =>
      step.do === 'wait' ? `wait.${step.for}` : [step.who, step.do, ...('of' in step ? [step.of] : [])].join('.'),
    )
    .join(',');

/** @returns undefined for what is no list of steps */
export function stepsOf(text: string): Step[] | undefined {
  const steps = text.split(',').map(stepOf);
  return steps.length <= MOST && steps.every((step) => step !== undefined) ? steps : undefined;
}

const MOST = 100;
const ALONE = ['sign-in', 'use', 'lose-answer', 'change-password', 'end-others', 'sign-out'];

function stepOf(text: string): Step | undefined {
  const [first, second, third, ...more] = text.split('.');
  if (more.length > 0) return undefined;
  if (first === 'wait')
    return third === undefined && /^\d{1,4}[smhd]$/.test(second ?? '') ? { do: 'wait', for: second! } : undefined;
  if (first === 'thief') {
    if (second === 'use-stolen' && third === undefined) return { do: second, who: first };
    return second === 'steal' && isHolder(third) ? { do: second, who: first, of: third } : undefined;
  }
  if (!isHolder(first)) return undefined;
  if (ALONE.includes(second ?? '') && third === undefined) return { do: second, who: first } as Step;
  return (second === 'join' || second === 'end') && isHolder(third) && third !== first
    ? { do: second, who: first, of: third }
    : undefined;
}

const isHolder = (name: string | undefined): name is Holder =>
  name !== 'thief' && (ACTORS as readonly (string | undefined)[]).includes(name);
