import { el } from '../elements.js';
import { problemWords, waitWords, type Problem } from './words.js';

export interface FieldParts {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly type: 'email' | 'password';
  /** For password managers. */
  readonly autocomplete: string;
}

export interface FormParts {
  readonly fields: readonly FieldParts[];
  readonly submit: string;
  /** Stands in the button while the service is asked. */
  readonly busy: string;
  /** Whether its button is less prominent, beside another form. */
  readonly isSecond?: boolean;
  /** Stand below the button. */
  readonly more?: readonly (Node | string)[];
  /** What went wrong may be about a field: its name. */
  readonly fieldOf?: (problem: Problem) => string | undefined;
  readonly wordsOf?: (problem: Problem) => string | undefined;
  /** @throws SessionError */
  readonly send: (values: Readonly<Record<string, string>>) => Promise<void>;
}

let forms = 0;

/**
 * A form that says what is wrong beside its fields, in a live region, and waits as long as the service wants. Its button
 * stays where the keyboard is: it is never disabled, it only does nothing meanwhile.
 */
export function busyForm(parts: FormParts): HTMLFormElement {
  const { fields, submit, busy, isSecond, more = [], fieldOf, wordsOf, send } = parts;
  const id = `form-${++forms}`;
  const inputs = new Map<string, HTMLInputElement>();
  const said = el('p', { class: 'notice bad', role: 'alert', id: `${id}-said` });
  const button = el('button', { class: isSecond ? 'button' : 'button first' }, submit);
  let isBusy = false;
  let waiting: ReturnType<typeof setInterval> | undefined;

  const rows = fields.map(({ name, label, hint, type, autocomplete }) => {
    const of = `${id}-${name}`;
    const input = el('input', {
      id: of,
      name,
      type,
      autocomplete,
      required: true,
      'aria-describedby': hint ? `${of}-hint` : undefined,
      ...(type === 'email' && { inputmode: 'email', autocapitalize: 'none', spellcheck: 'false' }),
      input: () => input.removeAttribute('aria-invalid'),
    });
    inputs.set(name, input);
    return el(
      'div',
      { class: 'field' },
      el('label', { for: of }, label),
      hint ? el('span', { class: 'hint', id: `${of}-hint` }, hint) : null,
      input,
    );
  });

  const setBusy = (is: boolean, label: string): void => {
    isBusy = is;
    button.textContent = label;
    button.setAttribute('aria-disabled', String(is));
  };
  const wait = (seconds: number): void => {
    const until = Date.now() + seconds * 1000;
    const tick = (): void => {
      const left = (until - Date.now()) / 1000;
      if (left > 0) return setBusy(true, `${submit}, in ${waitWords(left)}`);
      clearInterval(waiting);
      setBusy(false, submit);
    };
    clearInterval(waiting);
    waiting = setInterval(tick, 1000);
    tick();
  };

  async function run(): Promise<void> {
    if (isBusy) return;
    said.textContent = '';
    for (const input of inputs.values()) input.removeAttribute('aria-invalid');
    const empty = [...inputs.values()].find((input) => !input.checkValidity());
    if (empty) {
      empty.setAttribute('aria-invalid', 'true');
      said.textContent = empty.value === '' ? 'Fill in this field.' : empty.validationMessage;
      empty.focus();
      return;
    }
    setBusy(true, busy);
    try {
      await send(Object.fromEntries([...inputs].map(([name, input]) => [name, input.value])));
      setBusy(false, submit);
      form.reset();
    } catch (error) {
      const problem = error as Problem;
      setBusy(false, submit);
      said.textContent = wordsOf?.(problem) ?? problemWords(problem);
      const field = inputs.get(fieldOf?.(problem) ?? '');
      if (field) {
        field.setAttribute('aria-invalid', 'true');
        field.setAttribute('aria-errormessage', said.id);
        field.focus();
        field.select();
      }
      if (problem.code === 'too_many_attempts' && problem.retryAfter) wait(problem.retryAfter);
    }
  }

  const form: HTMLFormElement = el(
    'form',
    {
      class: 'stack',
      novalidate: true,
      submit: (event) => {
        event.preventDefault();
        void run();
      },
    },
    ...rows,
    said,
    el('div', { class: 'row' }, button, ...more),
  );
  return form;
}
