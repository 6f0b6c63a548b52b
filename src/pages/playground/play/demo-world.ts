import type { ActorId, Exchange, WorldPolicy, WorldState } from '../world.types.js';

/** The demo's server cannot be reached, or has forgotten this world. */
export class WorldGone extends Error {
  /** @param isStopped whether nobody answered at all */
  constructor(readonly isStopped: boolean) {
    super(isStopped ? 'The service has stopped.' : 'The service was started anew.');
  }
}

/** A policy, or a step, that the service refuses; the sentence is its own. */
export class Refused extends Error {}

/** A world of the demo, as the page sees it: what happened so far, and its clock. */
export class DemoWorld {
  readonly exchanges: Exchange[] = [];
  private constructor(
    /** Of the page, such as `http://localhost:3000`. */
    readonly origin: string,
    private readonly base: string,
    public state: WorldState,
  ) {}

  /**
   * @param now where its clock starts, milliseconds
   * @throws WorldGone, Refused
   */
  static async open(
    origin: string,
    setup: { readonly now: number; readonly policy?: Partial<WorldPolicy> },
    base = '/playground',
  ): Promise<DemoWorld> {
    const state = await ask<WorldState>(`${origin}${base}/worlds`, setup);
    return new DemoWorld(origin, base, state);
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.state.clock;
  }

  /** Where the routes of an actor are. */
  addressOf(actor: ActorId): string {
    return `${this.origin}${this.base}/worlds/${this.state.id}/${actor}`;
  }

  /** @returns the exchanges that are new. @throws WorldGone */
  async look(): Promise<readonly Exchange[]> {
    return this.take(await ask<WorldState>(this.path('')));
  }

  async advance(by: string): Promise<void> {
    this.take(await ask<WorldState>(this.path('/clock'), { advance: by }));
  }

  /** Whether answers of refresh are lost from now on. */
  async loseAnswers(lose: boolean): Promise<void> {
    this.take(await ask<WorldState>(this.path('/faults'), { lose }));
  }

  async steal(sid: string): Promise<string> {
    const { refresh_token: token } = await ask<{ refresh_token: string }>(this.path('/thefts'), { sid });
    return token;
  }

  private path(below: string): string {
    return `${this.origin}${this.base}/worlds/${this.state.id}${below}?since=${this.exchanges.length}`;
  }

  private take(state: WorldState): readonly Exchange[] {
    this.state = state;
    this.exchanges.push(...state.exchanges);
    return state.exchanges;
  }
}

async function ask<T>(url: string, body?: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(
      url,
      body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    );
  } catch {
    throw new WorldGone(true);
  }
  const answer = (await response.json().catch(() => ({}))) as { message?: string };
  if (response.ok) return answer as T;
  if (response.status === 404) throw new WorldGone(false);
  throw new Refused(answer.message ?? `The service answered ${response.status}.`);
}
