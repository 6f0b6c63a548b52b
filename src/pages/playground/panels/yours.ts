import { createSession, type SessionStorage, type StoredSession, type TokenAnswer } from '../../../client/index.js';
import { el } from '../../elements.js';
import { button, replace } from '../elements.js';
import { tokenFacts } from './token-facts.js';

interface Answered {
  readonly line: string;
  readonly isRefused: boolean;
}

interface ListedDevice {
  readonly id: string;
  readonly current: boolean;
  readonly device_name?: string;
  readonly user_agent?: string;
  readonly ip?: string;
}

/**
 * The tab "your service": signs in to the service that runs, as any user would. There is no time travel here, and what
 * it does is real. The tokens are kept in the memory of the page, so that it can show them.
 */
export function yours(place: HTMLElement, routes: string): void {
  const url = `${location.origin}${routes}`;
  const kept: Record<string, unknown> = {};
  const storage: SessionStorage = {
    async update(name, change) {
      const next = change(kept[name] as never);
      kept[name] = next;
      return next;
    },
  };
  const answers: Answered[] = [];
  let devices: readonly ListedDevice[] | undefined;
  let said = '';
  let before: StoredSession | undefined;

  const session = createSession({
    url,
    storage,
    blankOnRestore: false,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const { pathname } = new URL(input instanceof Request ? input.url : input, location.href);
      const id = response.headers.get('request-id');
      answers.unshift({
        line: `${init?.method ?? 'GET'} ${pathname} → ${response.status}${id === null ? '' : ` ${id}`}`,
        isRefused: response.status >= 400,
      });
      answers.splice(20);
      return response;
    },
  });
  const held = (): StoredSession | undefined => {
    const stored = Object.entries(kept).find(([name]) => name.includes(url))?.[1] as StoredSession | undefined;
    return stored?.sid ? stored : undefined;
  };

  const attempt = (act: () => Promise<unknown>, done: string): void => {
    said = '';
    act()
      .then(() => (said = done))
      .catch((error: unknown) => (said = error instanceof Error ? error.message : String(error)))
      .finally(draw);
  };
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await session.fetch(`${url}/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = (text === '' ? {} : JSON.parse(text)) as T & { message?: string };
    if (!response.ok) throw new Error(answer.message ?? `The service answered ${response.status}.`);
    return answer;
  };
  const list = async (): Promise<void> => {
    ({ sessions: devices } = await ask<{ sessions: readonly ListedDevice[] }>('GET', 'sessions'));
  };

  const form = signInForm(
    (email, password) => attempt(() => session.login({ email, password, device_name: 'Playground' }), 'Signed in.'),
    (email, password) =>
      attempt(async () => {
        await ask('POST', 'register', { email, password });
        await session.login({ email, password, device_name: 'Playground' });
      }, 'The account is made, and you are signed in.'),
  );
  const present = el('div', { class: 'board' });
  place.replaceChildren(
    el(
      'section',
      { class: 'card' },
      el('h2', {}, 'Your service'),
      el(
        'p',
        {},
        'Sign in to the service that runs here, as any user would. What you do is real, and its clock is that of this machine.',
      ),
      form,
      present,
    ),
  );
  session.on('change', draw);
  session.on('ended', ({ message }) => {
    said = message;
    draw();
  });
  draw();

  function draw(): void {
    const now = held();
    form.hidden = now !== undefined;
    replace(
      present,
      el('p', { class: 'said', role: 'status' }, said),
      ...(now ? signedIn(now) : []),
      ...(answers.length > 0 ? [answersOf(answers)] : []),
    );
  }

  function signedIn(now: StoredSession): Node[] {
    const older = before?.sid === now.sid && before.access !== now.access ? before : undefined;
    return [
      el(
        'div',
        { class: 'row' },
        button(
          'Refresh',
          () =>
            attempt(
              () =>
                step(async () => {
                  const answer = await ask<TokenAnswer>('POST', 'refresh', { refresh_token: now.refresh });
                  await session.adopt(answer);
                }),
              'A new access token, and the next refresh token.',
            ),
          { look: 'compact first' },
        ),
        button(
          'Renew',
          () =>
            attempt(
              () => step(async () => session.adopt(await ask<TokenAnswer>('POST', 'renew', {}))),
              'The access token was renewed.',
            ),
          { look: 'compact' },
        ),
        button('Devices', () => attempt(list, 'These are your sessions.'), { look: 'compact' }),
        button(
          'Log out',
          () =>
            attempt(async () => {
              devices = undefined;
              await session.logout();
            }, 'Signed out.'),
          { look: 'compact danger' },
        ),
      ),
      ...(devices ? [devicesOf(devices)] : []),
      el(
        'div',
        { class: 'pair' },
        el('div', {}, ...tokenFacts('Access token', now.access, older?.access, Date.now())),
        el('div', {}, ...tokenFacts('Refresh token', now.refresh, older?.refresh, Date.now())),
      ),
    ];
  }

  async function step(act: () => Promise<void>): Promise<void> {
    const old = held();
    await act();
    before = old;
  }

  function devicesOf(all: readonly ListedDevice[]): Node {
    const end = (path: string) => () =>
      attempt(async () => {
        await ask('DELETE', path);
        await list();
      }, 'Ended.');
    return el(
      'ul',
      { class: 'list' },
      ...all.map(({ id, current, device_name: name, user_agent: agent, ip }) =>
        el(
          'li',
          { class: 'row' },
          el(
            'span',
            { class: 'grow' },
            el('strong', {}, name ?? agent ?? 'Unnamed'),
            el('span', { class: 'soft small block' }, ip ?? ''),
          ),
          current
            ? el('span', { class: 'tag' }, 'this one')
            : button('End', end(`sessions/${id}`), {
                look: 'compact danger',
                'data-key': id,
                'aria-label': `End ${name ?? agent ?? 'the session'}`,
              }),
        ),
      ),
      all.length > 1 && el('li', {}, button('End all others', end('sessions'), { look: 'compact' })),
    );
  }
}

function signInForm(signIn: (email: string, password: string) => void, register: typeof signIn): HTMLFormElement {
  const email = el('input', { id: 'yours-email', type: 'email', autocomplete: 'username', required: true });
  const password = el('input', {
    id: 'yours-password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
  });
  const form: HTMLFormElement = el(
    'form',
    { class: 'stack narrow-form' },
    el('div', { class: 'field' }, el('label', { for: 'yours-email' }, 'E-mail address'), email),
    el('div', { class: 'field' }, el('label', { for: 'yours-password' }, 'Password'), password),
    el(
      'div',
      { class: 'row' },
      el('button', { class: 'button first' }, 'Sign in'),
      button('Make an account', () => form.reportValidity() && register(email.value, password.value)),
    ),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    signIn(email.value, password.value);
  });
  return form;
}

const answersOf = (answers: readonly Answered[]): Node =>
  el(
    'div',
    {},
    el('h3', {}, 'What was asked, the newest first'),
    el(
      'ol',
      { class: 'answers small' },
      ...answers.map(({ line, isRefused }) => el('li', { class: isRefused ? 'refused' : '' }, line)),
    ),
  );
