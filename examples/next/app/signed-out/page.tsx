import { LoginForm } from '../login/form';
import { currentSession } from '../../shop';

/** What each code means to a person: docs/clients.md. */
const REASONS: Readonly<Record<string, string>> = {
  token_reused: 'this session was used from two places. Change your password if that was not you',
  session_ended: 'the session was too old, or was not used for a long time',
  session_revoked: 'it was ended on another device, by a change of your password, or by an administrator',
  session_replaced: 'you signed in on too many other devices',
};

export default async function SignedOut() {
  const session = await currentSession();
  // Asks the service, so that the reason is known also where nothing could store it.
  await session.fetch('/auth/sessions');
  const { ended } = session;
  return (
    <>
      <h1>{ended ? `You were signed out because ${REASONS[ended.code] ?? ended.message}.` : 'You are signed in.'}</h1>
      <LoginForm />
    </>
  );
}
