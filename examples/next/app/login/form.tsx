'use client';

import { useActionState } from 'react';
import { signIn } from '../actions';

export function LoginForm() {
  const [fault, action] = useActionState(signIn, '');
  return (
    <form action={action}>
      <label>
        E-mail <input name="email" type="email" defaultValue="ada@example.com" autoComplete="username" />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" />
      </label>
      <button>Sign in</button>
      <p role="alert">{fault}</p>
    </form>
  );
}
