import { element } from './page.js';
import type { CartItem, Shop } from './shop.js';

const PRODUCT = 'teapot';
/** What is written and not saved yet; it survives a login, and belongs to this browser. */
const unsaved = (name: string) => `keyturn example draft ${name}`;

/** Draws one session, and draws it anew when its state changes. */
export function showShop(box: HTMLElement, name: string, shop: Shop): void {
  const { session } = shop;
  const status = element('p', { role: 'status' });
  const content = element('div');
  box.replaceChildren(element('h2', {}, name), status, content);
  const say = (text: string) => (status.textContent = text);

  let ended = false;
  /** Runs what the user asked for, and says what came of it. */
  const attempt = (work: () => Promise<unknown>) => async () => {
    try {
      await work();
    } catch (error) {
      // Why the session is over is told already, and better.
      if (session.state !== 'out' || !ended) say((error as Error).message);
    }
  };

  session.on('ended', ({ code, message }) => {
    ended = true;
    say(`You were signed out: ${message} (${code})`);
  });
  session.on('error', ({ code }) => say(`The shop cannot be reached right now (${code}). You stay signed in.`));
  session.on('reauthenticate', (request) => askForPassword(() => request.cancel()));
  session.on('change', draw);

  function askForPassword(cancel: () => void): void {
    const password = element('input', { type: 'password', placeholder: 'Password', autocomplete: 'current-password' });
    const submit = attempt(async () => {
      await shop.confirm(password.value);
      form.remove();
      say('Thank you.');
    });
    const giveUp = () => {
      form.remove();
      cancel();
    };
    const form = element(
      'form',
      { 'aria-label': 'Your password, please', onsubmit: () => undefined },
      password,
      element('button', { type: 'submit' }, 'Confirm'),
      element('button', { type: 'button', onclick: giveUp }, 'Cancel'),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void submit();
    });
    content.append(form);
    say('Please give your password once more: it was given some time ago.');
    password.focus();
  }

  function loginForm(): HTMLElement {
    const email = element('input', { type: 'email', value: 'ada@example.com', 'aria-label': 'E-mail' });
    const password = element('input', { type: 'password', placeholder: 'Password', 'aria-label': 'Password' });
    const submit = attempt(async () => {
      ended = false;
      await shop.signIn(email.value, password.value);
      say('');
    });
    const form = element('form', {}, email, password, element('button', { type: 'submit' }, 'Sign in'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void submit();
    });
    return form;
  }

  function counter(): HTMLElement {
    const cart = element('span', { 'data-cart': '' }, '…');
    const show = (items: readonly CartItem[]) =>
      (cart.textContent = items.map(({ product, quantity }) => `${quantity} × ${product}`).join(', ') || 'nothing');
    const add = attempt(async () => show(await shop.add(PRODUCT)));
    const pay = attempt(async () => {
      say(`Paid: order ${await shop.pay()}.`);
      show([]);
    });
    // It fails where the other sessions live on.
    const signOutEverywhere = attempt(() => session.logout({ everywhere: true }));
    void attempt(async () => show(await shop.cart()))();
    return element(
      'div',
      {},
      element('p', {}, 'In the cart: ', cart),
      element(
        'div',
        { class: 'row' },
        element('button', { onclick: add }, 'Add a teapot'),
        element('button', { onclick: pay }, 'Pay'),
        element('button', { onclick: () => void session.logout() }, 'Sign out'),
        element('button', { onclick: signOutEverywhere }, 'Sign out everywhere'),
      ),
    );
  }

  /** The review of a product. Each key press is kept here, and saved when the server can be reached. */
  function review(): HTMLElement {
    const text = element('textarea', { 'aria-label': 'Your review of the teapot', placeholder: 'Your review' });
    const save = attempt(async () => {
      await shop.write(PRODUCT, text.value);
      localStorage.removeItem(unsaved(name));
      say('Saved.');
    });
    text.addEventListener('input', () => localStorage.setItem(unsaved(name), text.value));
    text.addEventListener('change', () => void save());
    const kept = localStorage.getItem(unsaved(name));
    if (kept !== null) text.value = kept;
    else {
      void attempt(async () => {
        const saved = await shop.draft(PRODUCT);
        if (text.value === '') text.value = saved;
      })();
    }
    return text;
  }

  function draw(): void {
    if (session.state === 'unknown') return;
    if (session.state === 'out') content.replaceChildren(loginForm());
    else content.replaceChildren(counter(), review());
  }
  draw();
}
