import type { Answer, AnswerRequest, RunningApp } from './adapters.js';

/** A cookie as a browser keeps it: by its name, with what was said of it. */
export interface StoredCookie {
  readonly value: string;
  /** `Path`, `Domain`, `SameSite`, `Max-Age`; `HttpOnly` and `Secure` as empty texts. */
  readonly attributes: Readonly<Record<string, string>>;
}

export const setCookies = ({ headers }: Pick<Answer, 'headers'>): Map<string, StoredCookie> =>
  new Map(
    (headers['set-cookie'] ?? []).map((line) => {
      const [pair, ...rest] = line.split('; ').map((part) => part.split('=') as [string, string?]);
      const attributes = Object.fromEntries(rest.map(([name, value = '']) => [name, value]));
      return [pair![0], { value: pair![1] ?? '', attributes }];
    }),
  );

/** The part of a browser that matters here: it keeps cookies by path, and says which page a call is from. */
export class Browser {
  /** @param cookies of another one, since a browser has the same for all ports of a host */
  constructor(
    private readonly app: Pick<RunningApp, 'ask'>,
    readonly cookies = new Map<string, StoredCookie>(),
  ) {}

  /** The cookies that it sends to a path, as a header. */
  header(path: string): string {
    return [...this.cookies]
      .filter(([, { attributes }]) => path.startsWith(attributes.Path!))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  /** A call of a page of the service itself. */
  ask(call: string, request: AnswerRequest = {}): Promise<Answer> {
    return this.from({ 'sec-fetch-site': 'same-origin' }, call, request);
  }

  /** A call with what a browser says of the page: `Sec-Fetch-Site`, `Origin`. */
  async from(page: Readonly<Record<string, string>>, call: string, request: AnswerRequest = {}): Promise<Answer> {
    const cookie = this.header(call.split(' ')[1]!);
    const headers = { ...page, ...(cookie !== '' && { cookie }), ...request.headers };
    const answer = await this.app.ask(call, { ...request, headers });
    for (const [name, stored] of setCookies(answer)) {
      if (stored.attributes['Max-Age'] === '0') this.cookies.delete(name);
      else this.cookies.set(name, stored);
    }
    return answer;
  }
}
