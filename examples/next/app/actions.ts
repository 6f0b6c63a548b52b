'use server';

import type { TokenAnswer } from 'keyturn/client';
import { revalidatePath } from 'next/cache';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { SHOP } from '../sessions';
import { askShop, currentSession } from '../shop';

export async function signIn(_: string, form: FormData): Promise<string> {
  // Without it all visitors are one source for the login limits, and one who guesses keeps the others out.
  const address = (await headers()).get('x-forwarded-for');
  const answer = await fetch(`${SHOP}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(address && { 'x-forwarded-for': address }) },
    body: JSON.stringify({ email: form.get('email'), password: form.get('password'), client_id: 'next' }),
  });
  const body: unknown = await answer.json();
  if (!answer.ok) return (body as { readonly message: string }).message;
  // A login of the shop's own. With the login of the service it is one line: session.login({ email, password }).
  const session = await currentSession();
  await session.adopt(body as TokenAnswer);
  redirect('/');
}

export async function addTeapot(): Promise<void> {
  await askShop('/cart/items', { product: 'teapot', quantity: 1 });
  revalidatePath('/');
}

export async function signOut(): Promise<void> {
  const session = await currentSession();
  await session.logout();
  redirect('/login');
}
