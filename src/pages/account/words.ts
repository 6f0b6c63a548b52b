/** What is read of an error; {@link SessionError} has it. */
export interface Problem {
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** A wait in words. */
export function waitWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const hours = Math.ceil(seconds / 3600);
  const count = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? '' : 's'}`;
  if (seconds < 90) return count(Math.max(1, Math.ceil(seconds)), 'second');
  return minutes < 90 ? count(minutes, 'minute') : count(hours, 'hour');
}

/** What went wrong and what to do about it, in a sentence or two. */
export function problemWords({ code, message, status = 0, retryAfter = 0 }: Problem): string {
  const later = retryAfter > 0 ? `Try again in ${waitWords(retryAfter)}.` : 'Try again in a moment.';
  if (code === 'offline') return 'The service cannot be reached. Check your connection and try again.';
  if (code === 'invalid_credentials') return 'The e-mail address or the password is wrong. Check both and try again.';
  if (code === 'too_many_attempts') return `Too many attempts. ${later}`;
  if (code === 'email_unverified')
    return 'Your e-mail address is not confirmed yet. Open the link in the mail that was just sent to you, then sign in.';
  if (code === 'session_limit_reached')
    return 'You are signed in on as many devices as allowed. Sign out on one of them, then try again.';
  if (code === 'insufficient_user_authentication') return 'Nothing was changed, because the password was not entered.';
  if (status >= 500) return `The service cannot do this at the moment. ${later}`;
  if (code === 'unexpected_answer' || !message) return `Something between you and the service answered. ${later}`;
  return message;
}

const SIGN_IN = 'Sign in again.';

/** Why this device is signed out, by the code that its tokens are refused with. */
export function signedOutWords(code: string): string {
  switch (code) {
    case 'token_reused':
      return `You were signed out because this session was used from two places. ${SIGN_IN} If you do not know why, change your password.`;
    case 'session_revoked':
      return `You were signed out: this session was ended from another device, or your password was changed. ${SIGN_IN}`;
    case 'session_replaced':
      return `You were signed out because a newer sign-in took the place of this session. ${SIGN_IN}`;
    case 'session_ended':
      return `Your session is over because its time has passed. ${SIGN_IN}`;
    default:
      return `You are not signed in any more. ${SIGN_IN}`;
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  logout: 'Signed out on the device itself',
  other_device: 'Ended from another of your devices',
  logout_everywhere: 'Signed out everywhere',
  password_changed: 'Your password was changed',
  password_reset: 'Your password was set anew by a link',
  disabled: 'An administrator closed the account',
  deleted: 'An administrator deleted the account',
  administrator: 'An administrator ended all sessions',
  session_limit: 'Made room for a newer sign-in',
  new_login: 'A newer sign-in in the same browser took its place',
  subject_gone: 'The account was closed',
  outdated: 'The password was changed, or everything was signed out',
  reused: 'Used from two places, so it was ended for your safety',
  idle: 'Not used for too long',
  absolute: 'Its time had passed',
};
const REASONS: Readonly<Record<string, string>> = {
  token_reused: CAUSES.reused!,
  session_replaced: CAUSES.session_limit!,
  session_ended: CAUSES.absolute!,
};

/** Why a session ended. */
export const causeWords = (cause: string | null, reason: string): string =>
  CAUSES[cause ?? ''] ?? REASONS[reason] ?? 'Ended on purpose';

const named = (text: string, names: readonly (readonly [RegExp, string])[]): string | undefined =>
  names.find(([pattern]) => pattern.test(text))?.[1];

// Browsers name those that they descend from as well, so the youngest comes first.
const BROWSERS = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

/** What a user calls a device. Both come from the client and may say anything. */
export function deviceWords(deviceName: string | null, userAgent: string | null): string {
  if (deviceName) return deviceName;
  if (!userAgent) return 'Unknown device';
  const browser = named(userAgent, BROWSERS);
  const system = named(userAgent, SYSTEMS);
  if (browser) return system ? `${browser} on ${system}` : browser;
  return system ?? userAgent.split(/[\s(]/, 1)[0]!.slice(0, 40);
}

/** @param then seconds since the epoch, @param now milliseconds */
export function agoWords(then: number, now: number): string {
  const minutes = Math.floor((now / 1000 - then) / 60);
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  if (minutes < 1) return 'just now';
  if (minutes < 60) return words.format(-minutes, 'minute');
  if (minutes < 24 * 60) return words.format(-Math.floor(minutes / 60), 'hour');
  return words.format(-Math.floor(minutes / 60 / 24), 'day');
}
