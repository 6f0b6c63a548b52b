import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { sessions } from './sessions';

/** The session of the visitor. */
export async function currentSession() {
  // First of all: it tells Next.js that the page is made for each request, and not at the build.
  const jar = await cookies();
  return sessions().of(jar);
}

/** Asks the shop in the name of the visitor. A visitor who is not signed in is sent to the login page. */
export async function askShop<Answer>(path: string, body?: object): Promise<Answer> {
  const session = await currentSession();
  const answer = await session.fetch(
    path,
    body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  if (answer.status === 401) redirect(session.ended ? '/signed-out' : '/login');
  if (!answer.ok) throw new Error(`The shop answered ${answer.status} to ${path}`);
  return answer.json() as Promise<Answer>;
}
