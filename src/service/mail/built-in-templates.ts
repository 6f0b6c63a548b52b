import type { AccountMailKind } from './account-mailer.js';

/** A mail with `{{names}}` in it: link, minutes, address, service. */
export interface MailTemplate {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface Words {
  readonly subject: string;
  /** What happened. */
  readonly why: string;
  /** What the link does; undefined: there is none. */
  readonly button?: string;
  readonly otherwise: string;
}

const WORDS: Readonly<Record<AccountMailKind, Words>> = {
  'password-reset': {
    subject: 'Set a new password',
    why: 'Somebody, most likely you, asked for a new password for your account at {{service}}.',
    button: 'Set a new password',
    otherwise: 'If it was not you, ignore this mail. Your password stays as it is.',
  },
  'verify-email': {
    subject: 'Confirm your e-mail address',
    why: 'Please confirm that {{address}} is the address of your account at {{service}}.',
    button: 'Confirm the address',
    // Somebody else may have registered and know the password. After the confirmation that person can sign in.
    otherwise:
      'If you have not registered there, ignore this mail, and do not confirm. Somebody else may know the password of ' +
      'that account.',
  },
  'change-email': {
    subject: 'Confirm your new e-mail address',
    why: 'You asked to use {{address}} for your account at {{service}}.',
    button: 'Confirm the new address',
    otherwise: 'If it was not you, ignore this mail. Nothing changes.',
  },
  'email-changing': {
    subject: 'The address of your account is about to change',
    why: 'Somebody who is signed in to your account at {{service}} asked to give it another e-mail address.',
    otherwise:
      'If it was you, there is nothing to do here. If it was not you, set a new password now: that ends all sessions ' +
      'and stops the change.',
  },
  'account-exists': {
    subject: 'You have an account already',
    why: 'Somebody, most likely you, tried to use {{address}} for an account at {{service}}. It has one already.',
    otherwise: 'If it was you, sign in, or ask for a new password there. If it was not you, ignore this mail.',
  },
};

const LASTS = 'The link works once, within {{minutes}} minutes.';

const textOf = ({ why, button, otherwise }: Words): string =>
  [why, ...(button === undefined ? [] : [`${button}:\n{{link}}`, LASTS]), otherwise].join('\n\n') + '\n';

const htmlOf = ({ subject, why, button, otherwise }: Words): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${subject}</title></head>
<body style="margin:0;padding:24px;background:#fafafa;color:#3b4151;font:16px/1.5 sans-serif">
<div style="max-width:520px;margin:auto;padding:24px;background:#fff;border:1px solid #d8dde7;border-radius:4px">
<p>${why}</p>
${button === undefined ? '' : `<p><a href="{{link}}" style="display:inline-block;padding:10px 24px;background:#1b1b1b;color:#fff;border-radius:4px;text-decoration:none">${button}</a></p>\n<p>${LASTS}</p>\n`}<p>${otherwise}</p>
</div>
</body>
</html>
`;

/** What is sent where the operator has no templates of his own. */
export const BUILT_IN_TEMPLATES: Readonly<Record<AccountMailKind, MailTemplate>> = Object.fromEntries(
  Object.entries(WORDS).map(([kind, words]) => [
    kind,
    { subject: words.subject, text: textOf(words), html: htmlOf(words) },
  ]),
) as Record<AccountMailKind, MailTemplate>;
