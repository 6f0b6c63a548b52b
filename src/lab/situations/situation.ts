import type { SeenRequest } from '../fault-proxy.js';
import { fieldsOf, type Scene } from '../scene.js';

/** Something that happens to clients, and what a good one makes of it: see docs/lab.md. */
export interface Situation {
  readonly name: string;
  /** What happens, in a sentence. */
  readonly happens: string;
  /**
   * @returns what went wrong, in sentences; empty: passed
   * @throws NotApplicable where the client does not do what the situation is about
   */
  play(scene: Scene): Promise<string[]>;
}

/** The client keeps out of the situation, which is no fault. */
export class NotApplicable extends Error {}

/** What must hold at the end wherever the session lives on. */
export async function goesOn(scene: Scene): Promise<string[]> {
  const faults: string[] = [];
  const works = await scene.works();
  const alarmed = [...scene.refreshes(), ...scene.work()].some(
    (exchange) => fieldsOf(exchange).code === 'token_reused',
  );
  if (alarmed) faults.push('The service took it for a thief (token_reused) and ended the session.');
  if (scene.seen('/auth/login').length > 0)
    faults.push('It signed in again, with the password, while the session lived.');
  const state = await scene.state();
  if (state === undefined) faults.push('It does not answer GET /state.');
  else if (state.session !== 'in') {
    const reason = state.reason ? ` (${JSON.stringify(state.reason)})` : '';
    faults.push(`It is signed out${reason}, though the session lived.`);
  } else if (!works) faults.push('It says that it is signed in, but its requests do not succeed any more.');
  return faults;
}

/** What must hold where the session is over. */
export async function ends(scene: Scene, reason: string): Promise<string[]> {
  if (!(await scene.isOut())) return ['It does not say that it is signed out.'];
  const state = await scene.state();
  const faults: string[] = [];
  if (state?.reason !== reason)
    faults.push(`It names ${JSON.stringify(state?.reason ?? null)} as the reason; the service said "${reason}".`);
  scene.mark();
  await scene.rounds(1);
  if (scene.refreshes().length > 0) faults.push('It goes on to refresh a session that is over.');
  return faults;
}

export const atMost = (count: number, most: number, what: string): string[] =>
  count > most ? [`It sent ${count} ${what}; ${most} ${most === 1 ? 'is' : 'are'} enough.`] : [];

/** Milliseconds: requests that start so close together count as one, as they do for a client that refreshes thrice. */
const MOMENT = 300;

/** The first request to a path, and those of the same moment, get the fault; all later ones go through. */
export function once<Fault>(path: string, fault: Fault): (request: SeenRequest) => Fault | undefined {
  let first: number | undefined;
  return (request) => {
    if (!request.path.startsWith(path)) return undefined;
    first ??= request.at;
    return request.at < first + MOMENT ? fault : undefined;
  };
}

/** The first request to a path after that moment: the retry. */
export const retryOf = <Request extends SeenRequest>(requests: readonly Request[]): Request | undefined =>
  requests.find(({ at }) => at >= requests[0]!.at + MOMENT);
