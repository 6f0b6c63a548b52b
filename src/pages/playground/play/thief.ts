import type { DemoWorld } from './demo-world.js';

/** Somebody with a copy of a refresh token, and nothing else: no storage of the owner, and none of his keys. */
export class Thief {
  /** The token that he has. */
  token: string | undefined;
  /** What he was told when he used it. */
  told: string | undefined;

  constructor(private readonly world: DemoWorld) {}

  async copy(sid: string): Promise<void> {
    this.token = await this.world.steal(sid);
    this.told = undefined;
  }

  async use(): Promise<void> {
    if (this.token === undefined) return;
    const response = await fetch(`${this.world.addressOf('thief')}/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: this.token }),
    });
    const answer = (await response.json()) as { refresh_token?: string; message?: string };
    this.told = answer.message;
    if (answer.refresh_token !== undefined) this.token = answer.refresh_token;
  }
}
