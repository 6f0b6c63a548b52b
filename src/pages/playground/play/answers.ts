import type { Exchange } from '../world.types.js';

/** What of an answer of the service the page looks at. */
export interface AnswerFields {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly session_id?: string;
  readonly code?: string;
  readonly message?: string;
}

export const answerOf = ({ answer }: Exchange): AnswerFields =>
  typeof answer === 'object' && answer !== null ? answer : {};

export const codeOf = (exchange: Exchange): string | undefined => answerOf(exchange).code;

/** What the request did, by its path. */
export type Kind = 'login' | 'refresh' | 'password' | 'end' | 'logout' | 'call';

export function kindOf({ method, path }: Exchange): Kind {
  if (path === '/auth/login') return 'login';
  if (path === '/auth/refresh') return 'refresh';
  if (path === '/auth/password') return 'password';
  if (path.startsWith('/auth/logout')) return 'logout';
  return method === 'DELETE' ? 'end' : 'call';
}

/** The sessions that an exchange ended. */
export const endedBy = ({ events }: Exchange): readonly string[] =>
  events.filter(({ type }) => type === 'session.ended').map(({ sid }) => String(sid));
