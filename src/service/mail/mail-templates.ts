import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthConfigError } from '../../index.js';
import { MAIL_KINDS, type AccountMail, type AccountMailKind } from './account-mailer.js';
import { BUILT_IN_TEMPLATES, type MailTemplate } from './built-in-templates.js';

/** A mail as it is sent; without `html` it is plain text alone. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

type Template = Omit<MailTemplate, 'html'> & { readonly html?: string };

const NAMES = ['link', 'minutes', 'address', 'service'] as const;
/** `password-reset.txt`, `password-reset.de.txt`, `password-reset.de.html`. */
const FILE = /^([a-z-]+?)(?:\.([a-z]{2,3}(?:-[a-z0-9]+)*))?\.(txt|html)$/;
const TELLS_ONLY: readonly AccountMailKind[] = ['email-changing', 'account-exists'];

/** The words of the mails: the operator's, where the folder has a file, else the built-in ones. */
export class MailTemplates {
  private readonly own = new Map<string, Template>();

  /**
   * @param service how the service is called in the mails
   * @param folder `MAIL_TEMPLATES`
   * @throws AuthConfigError that names the file and says what is wrong with it
   */
  constructor(
    private readonly service: string,
    folder?: string,
    private readonly now: () => number = Date.now,
  ) {
    if (folder === undefined) return;
    const files = namesIn(folder).filter((name) => FILE.test(name));
    for (const name of files.filter((file) => file.endsWith('.txt'))) {
      const text = readTemplate(folder, name);
      const page = name.replace(/txt$/, 'html');
      const html = files.includes(page) ? readTemplate(folder, page) : undefined;
      const [subjectLine = '', ...lines] = text.split(/\r?\n/);
      if (!/^Subject: \S/.test(subjectLine)) throw wrong(name, "must begin with a line 'Subject: …'");
      const body = lines.join('\n').replace(/^\n+/, '');
      this.own.set(name.slice(0, -'.txt'.length), { subject: subjectLine.slice('Subject: '.length), text: body, html });
    }
    const alone = files.find((name) => !this.own.has(name.replace(/\.(txt|html)$/, '')));
    if (alone !== undefined) throw wrong(alone, 'has no .txt beside it; a mail needs its words as plain text too');
  }

  render(mail: AccountMail): RenderedMail {
    const { subject, text, html } = this.templateFor(mail);
    const minutes = mail.expiresAt === null ? '' : String(Math.ceil((mail.expiresAt - this.now()) / 60_000));
    const values = { link: mail.link ?? '', minutes, address: mail.to, service: this.service };
    const fill = (template: string, written: (value: string) => string): string =>
      template.replace(/\{\{(\w+)\}\}/g, (_, name: (typeof NAMES)[number]) => written(values[name]));
    return {
      subject: fill(subject, oneLine),
      text: fill(text, asItIs),
      ...(html !== undefined && { html: fill(html, escaped) }),
    };
  }

  /** `de-at` before `de` before none. */
  private templateFor({ kind, locale }: AccountMail): Template {
    const parts = locale?.split('-') ?? [];
    for (let length = parts.length; length > 0; length--) {
      const found = this.own.get(`${kind}.${parts.slice(0, length).join('-')}`);
      if (found) return found;
    }
    return this.own.get(kind) ?? BUILT_IN_TEMPLATES[kind];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch (cause) {
    throw AuthConfigError.of('mailTemplates', `names the folder ${folder}, which cannot be read`, cause);
  }
}

function readTemplate(folder: string, name: string): string {
  const kind = FILE.exec(name)![1] as AccountMailKind;
  if (!MAIL_KINDS.includes(kind)) throw wrong(name, `is no mail of ours; there are ${MAIL_KINDS.join(', ')}`);
  let content: string;
  try {
    content = readFileSync(join(folder, name), 'utf8');
  } catch (cause) {
    throw AuthConfigError.of('mailTemplates', `has the file ${name}, which cannot be read`, cause);
  }
  const unknown = [...content.matchAll(/\{\{\s*(.*?)\s*\}\}/g)].find(
    ([written, name_]) => !NAMES.some((known) => known === name_ && written === `{{${known}}}`),
  );
  if (unknown) throw wrong(name, `has ${unknown[0]}; it may have ${NAMES.map((known) => `{{${known}}}`).join(', ')}`);
  if (!TELLS_ONLY.includes(kind) && !content.includes('{{link}}')) throw wrong(name, 'does not have {{link}}');
  return content;
}

const wrong = (name: string, problem: string): AuthConfigError =>
  AuthConfigError.of('mailTemplates', `has the file ${name}, which ${problem}`);

const asItIs = (value: string): string => value;
const oneLine = (value: string): string => value.replaceAll(/\s+/g, ' ');
const escaped = (value: string): string => value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
