import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientProcess, type ClientState } from './client-process.js';
import { FaultProxy, type Exchange, type Fault, type SeenRequest } from './fault-proxy.js';
import { PlayedApi } from './played-api.js';
import { TokenDisguise } from './token-disguise.js';

export interface LabTarget {
  /** Of the service, such as `http://localhost:3000`. */
  readonly url: string;
  /** Milliseconds: the service's option `grace`. */
  readonly grace: number;
  readonly email: string;
  readonly password: string;
  /** The client under test, with its arguments. */
  readonly command: readonly string[];
  /** Milliseconds that the lab waits for something that should happen. */
  readonly patience: number;
}

/** The client under test could not be brought to where the situation begins. */
export class NotReady extends Error {}

const REQUESTS_OF_A_ROUND = 3;

interface Answered {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly code?: string;
}

/** The JSON of an answer; an empty object where it is none. */
export const fieldsOf = ({ answer }: Exchange): Answered => {
  try {
    return JSON.parse(answer ?? '') as Answered;
  } catch {
    return {};
  }
};

/** The refresh token that a request brought. */
export const presentedBy = ({ body }: SeenRequest): unknown => {
  try {
    return (JSON.parse(body) as { refresh_token?: unknown }).refresh_token;
  } catch {
    return undefined;
  }
};

/** One client, the line to its service, and what was seen on it. */
export class Scene {
  readonly api = new PlayedApi();
  readonly disguise = new TokenDisguise();
  readonly store = mkdtempSync(join(tmpdir(), 'keyturn-lab-'));
  private readonly proxy: FaultProxy;
  private client!: ClientProcess;
  private begun = 0;
  /** What happens to requests to the service. */
  fault: (request: SeenRequest) => Fault | undefined = () => undefined;
  /** Whether every connection is cut. */
  isCut = false;

  constructor(readonly target: LabTarget) {
    this.proxy = new FaultProxy(target.url);
    this.proxy.fault = (request) => {
      if (this.isCut) return { kind: 'lose-request' };
      return request.path.startsWith('/api/') ? this.api.answer(request) : this.fault(request);
    };
    this.proxy.onward = (request) => this.disguise.reveal(request);
    this.proxy.alter = (_, answer) => {
      const covered = this.disguise.cover(answer);
      const { access_token } = fieldsOf({ answer: covered.body.toString() } as Exchange);
      if (access_token && covered.status === 200) this.api.admit(access_token);
      return covered;
    };
  }

  /** Starts proxy and client, and returns when the client has signed in and works. */
  async begin(): Promise<void> {
    await this.proxy.start();
    this.client = new ClientProcess(this.target.command, {
      LAB_URL: this.proxy.url,
      LAB_EMAIL: this.target.email,
      LAB_PASSWORD: this.target.password,
      LAB_STORE: this.store,
    });
    await this.client.start();
    if (await this.until(() => this.client.hasEnded || this.worked() >= REQUESTS_OF_A_ROUND, 3)) {
      if (!this.client.hasEnded) return this.mark();
      throw new NotReady(`The program ended by itself.\n${this.client.output}`);
    }
    const why =
      this.seen('/auth/login').length === 0 ? 'did not sign in' : 'signed in, but sent no requests that succeed';
    throw new NotReady(`The program ${why}.\n${this.client.output}`);
  }

  /** What was seen so far is history: the functions below look at what comes. */
  mark(): void {
    this.begun = this.proxy.exchanges.length;
  }

  /** Exchanges with a path since the mark, oldest first. */
  seen(path: string): Exchange[] {
    return this.proxy.exchanges.slice(this.begun).filter((exchange) => exchange.path.split('?')[0] === path);
  }

  refreshes(): Exchange[] {
    return this.seen('/auth/refresh');
  }

  work(): Exchange[] {
    return this.seen('/api/work');
  }

  /** The last refresh token that the service handed out, also where the client did not get it. */
  lastRefreshToken(): string | undefined {
    const answers = this.proxy.exchanges.map((exchange) => fieldsOf(exchange).refresh_token);
    return answers.findLast((token) => token !== undefined);
  }

  /** @returns whether it came true in time */
  async until(isTrue: () => boolean, patience = 1): Promise<boolean> {
    const end = performance.now() + this.target.patience * patience;
    while (!isTrue()) {
      if (performance.now() > end) return false;
      await sleep(20);
    }
    return true;
  }

  /** Waits until the client has worked on for some rounds; not for ever, where it does not work any more. */
  async rounds(count: number): Promise<boolean> {
    const before = this.answered();
    return this.until(() => this.answered() >= before + count * REQUESTS_OF_A_ROUND);
  }

  /** Waits until three requests have succeeded from now on. */
  async works(patience = 1): Promise<boolean> {
    const before = this.worked();
    return this.until(() => this.worked() >= before + REQUESTS_OF_A_ROUND, patience);
  }

  /** Asks the service as somebody else would, past the proxy. */
  async ask(path: string, body: object): Promise<{ status: number; code?: string }> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.target.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, code: fieldsOf({ answer: text } as Exchange).code };
  }

  async state(): Promise<ClientState | undefined> {
    return this.client.state();
  }

  /** Waits until the client says that it is signed out. */
  async isOut(): Promise<boolean> {
    const end = performance.now() + this.target.patience;
    while ((await this.state())?.session !== 'out') {
      if (performance.now() > end) return false;
      await sleep(50);
    }
    return true;
  }

  /** Kills the client as a phone without a battery does, and starts it again. */
  async restart(): Promise<void> {
    await this.client.stop('SIGKILL');
    await this.client.start();
  }

  async end(): Promise<void> {
    this.isCut = false;
    await this.client?.stop();
    const refresh_token = this.lastRefreshToken();
    // So that the sessions of the lab do not push each other out.
    if (refresh_token) await this.ask('/auth/logout', { refresh_token }).catch(() => undefined);
    await this.proxy.stop();
    rmSync(this.store, { recursive: true, force: true });
  }

  private answered(): number {
    return this.work().filter(({ status }) => status !== undefined).length;
  }

  private worked(): number {
    return this.work().filter(({ status }) => status === 200).length;
  }
}
