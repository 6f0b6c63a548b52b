import {
  createSession,
  type Session,
  type SessionEnd,
  type SessionStorage,
  type StoredSession,
} from '../../../client/index.js';
import type { DemoWorld } from './demo-world.js';
import type { Holder } from './step.js';

/** What devices call themselves. */
const DEVICE_NAMES: Readonly<Record<Holder, string>> = { 'tab-a': 'Laptop', 'tab-b': 'Laptop', phone: 'Phone' };
const DEMO_EMAIL = 'ada@example.com';
const FIRST_PASSWORD = 'correct horse battery staple';

/** A tab or a phone: the client of the library, with a storage of its own. It is awake only while it does something. */
export class Device {
  private kept: Record<string, unknown> = {};
  private ended: SessionEnd | undefined;
  private isOut = true;

  constructor(
    readonly id: Holder,
    private readonly world: DemoWorld,
  ) {}

  /** What it has in its storage. */
  get held(): StoredSession | undefined {
    const stored = this.kept[this.name] as StoredSession | undefined;
    return stored?.sid ? stored : undefined;
  }

  /** What its owner was told, where the service ended the session. */
  get end(): SessionEnd | undefined {
    return this.isOut ? this.ended : undefined;
  }

  async signIn(password = FIRST_PASSWORD): Promise<void> {
    await this.awake((session) => session.login({ email: DEMO_EMAIL, password, device_name: DEVICE_NAMES[this.id] }));
  }

  /** Finds the session of another tab, as tabs do that share a storage. */
  join(other: Device): void {
    const { held } = other;
    if (held) this.kept = { [this.name]: { ...held } };
    this.isOut = false;
    this.ended = undefined;
  }

  /** Asks for the cart. The client refreshes before, if it must. */
  async use(): Promise<void> {
    await this.awake((session) => session.fetch(`${this.base}/cart`));
  }

  /** Asks for the cart; when an answer is lost, the program is closed, and with it what it would try again. */
  async useOnce(): Promise<void> {
    let lost!: () => void;
    const cut = new Promise<void>((resolve) => (lost = resolve));
    await this.awake((session) => Promise.race([session.fetch(`${this.base}/cart`).catch(() => undefined), cut]), lost);
  }

  async send(method: string, path: string, body?: object): Promise<void> {
    await this.awake((session) => session.fetch(this.base + path, jsonRequest(method, body)));
  }

  async changePassword(current: string, next: string): Promise<void> {
    await this.awake(async (session) => {
      const body = { current_password: current, new_password: next };
      const response = await session.fetch(`${this.url}/password`, jsonRequest('POST', body));
      if (response.ok) await session.adopt((await response.json()) as never);
    });
  }

  async signOut(): Promise<void> {
    await this.awake((session) => session.logout());
  }

  private get base(): string {
    return this.world.addressOf(this.id);
  }

  /** Under which the client keeps the session of its default client. */
  private get name(): string {
    return `keyturn ${this.url} undefined`;
  }

  private get url(): string {
    return `${this.base}/auth`;
  }

  private async awake(act: (session: Session) => Promise<unknown>, failed?: () => void): Promise<void> {
    let isAwake = true;
    const session = createSession({
      url: this.url,
      storage: storageOf(() => this.kept),
      now: () => this.world.now,
      blankOnRestore: false,
      fetch: async (...request) => {
        if (!isAwake) throw new TypeError('The program was closed.');
        try {
          return await fetch(...request);
        } catch (error) {
          failed?.();
          throw error;
        }
      },
    });
    session.on('ended', (end) => (this.ended = end));
    try {
      // A refused request is part of the story: what it was answered, the log of the world has.
      await act(session).catch(() => undefined);
    } finally {
      isAwake = false;
      session.dispose();
      if (session.state === 'in') this.ended = undefined;
      this.isOut = session.state === 'out';
    }
  }
}

const jsonRequest = (method: string, body?: object): RequestInit => ({
  method,
  ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
});

const storageOf = (kept: () => Record<string, unknown>): SessionStorage => ({
  async update(name, change) {
    const next = change(kept()[name] as never);
    kept()[name] = next;
    return next;
  },
});
