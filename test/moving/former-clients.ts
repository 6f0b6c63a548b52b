import { request as httpRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import type { FormerTokens } from './former-auth.service.js';

interface Answer {
  readonly status: number;
  readonly body: Partial<FormerTokens>;
}

/** Sends a request to the end. Lost: the server has answered, and the connection is cut before the client reads it. */
function send(url: string, call: { body?: object; token?: string }, isLost = false): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const method = call.body ? 'POST' : 'GET';
    const headers = {
      ...(call.body && { 'content-type': 'application/json' }),
      ...(call.token && { authorization: `Bearer ${call.token}` }),
    };
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      if (isLost) return resolve(void response.destroy());
      const read = (body: unknown) => resolve({ status: response.statusCode!, body: body as Partial<FormerTokens> });
      json(response).then(read, () => read({}));
    });
    request.on('error', (error) => (isLost ? resolve(undefined) : reject(error)));
    request.end(call.body && JSON.stringify(call.body));
  });
}

/** A client as it was written for the former login: it keeps two tokens, and any 401 at a refresh logs its user out. */
export class FormerClient {
  /** All that it was ever given, for whom steals old copies. */
  readonly held: FormerTokens[];
  loggedOut: string | undefined;

  constructor(
    readonly id: number,
    tokens: FormerTokens,
  ) {
    this.held = [tokens];
  }

  get tokens(): FormerTokens {
    return this.held.at(-1)!;
  }

  /** @param lost how many answers are lost before one arrives */
  async refresh(url: string, lost = 0): Promise<void> {
    const body = { refreshToken: this.tokens.refreshToken };
    for (let sent = 0; sent < lost; sent++) await send(`${url}/former/refresh`, { body }, true);
    this.keep(await send(`${url}/former/refresh`, { body }));
  }

  /** Two at once, as of two tabs. @returns whether both were given the same */
  async refreshTwice(url: string): Promise<boolean> {
    const body = { refreshToken: this.tokens.refreshToken };
    const answers = await Promise.all([1, 2].map(() => send(`${url}/former/refresh`, { body })));
    for (const answer of answers) this.keep(answer);
    return answers[0]?.body.refreshToken === answers[1]?.body.refreshToken;
  }

  async logout(url: string): Promise<void> {
    await send(`${url}/former/logout`, { body: { refreshToken: this.tokens.refreshToken } });
  }

  /** The status of a guarded route, by each access token that it was ever given, the last one last. */
  async probes(url: string): Promise<number[]> {
    return Promise.all(
      this.held.map(async ({ accessToken: token }) => (await send(`${url}/probe`, { token }))!.status),
    );
  }

  /** Whether any refresh token that it ever had opens something. */
  async isRevived(url: string): Promise<boolean> {
    for (const { refreshToken } of this.held) {
      const answer = await send(`${url}/former/refresh`, { body: { refreshToken } });
      if (answer!.status < 400) return true;
    }
    return false;
  }

  private keep(answer: Answer | undefined): void {
    if (answer?.status === 200) this.held.push(answer.body as FormerTokens);
    else this.loggedOut ??= `${answer?.status} ${JSON.stringify(answer?.body)}`;
  }
}
