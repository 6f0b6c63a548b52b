import { DEMO_PASSWORD } from '../../examples/shop/users.service.js';

const COOKIE = 'keyturn-session';

/** What the cookie of the example holds. */
export interface Tokens {
  readonly sid: string;
  readonly access: string;
  readonly refresh: string;
  readonly by: string;
}

/** A browser without scripts: it keeps the cookie, and sends the forms of pages. */
export class Visitor {
  /** The cookie as the browser has it; undefined: none. */
  cookie?: string;

  constructor(private readonly url: string) {}

  get tokens(): Tokens {
    return JSON.parse(decodeURIComponent(this.cookie!)) as Tokens;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.ask(path, { headers });
  }

  /** Sends the form with this button, as a browser does in which no script runs. */
  async press(button: string, page: Page, fields: Record<string, string> = {}, headers = {}): Promise<Page> {
    const form = page.text.split('<form').find((part) => part.includes(`>${button}</button>`))!;
    const body = new FormData();
    for (const [, input] of form.matchAll(/<input type="hidden" ([^>]*)/g)) {
      const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(input!)?.[1]?.replaceAll('&quot;', '"') ?? '';
      body.append(of('name'), of('value'));
    }
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return this.ask(page.path, { method: 'POST', body, headers });
  }

  async signIn(name: string): Promise<this> {
    const fields = { email: `${name}@example.com`, password: DEMO_PASSWORD };
    await this.press('Sign in', await this.get('/login'), fields);
    return this;
  }

  private async ask(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Page> {
    const cookie: Record<string, string> = this.cookie === undefined ? {} : { cookie: `${COOKIE}=${this.cookie}` };
    const response = await fetch(this.url + path, {
      redirect: 'manual',
      ...init,
      headers: { ...cookie, ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, value] = new RegExp(`^${COOKIE}=([^;]*)`).exec(line) ?? [];
      if (value !== undefined) this.cookie = /max-age=0/i.test(line) ? undefined : value;
    }
    const { status, headers } = response;
    // What React puts between pieces of text is nothing that a person sees.
    return { path, status, headers, text: (await response.text()).replaceAll('<!-- -->', '') };
  }
}

export interface Page {
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
