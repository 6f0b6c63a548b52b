import { askShop } from '../shop';
import { addTeapot, signOut } from './actions';

interface CartItem {
  readonly product: string;
  readonly quantity: number;
}
interface Device {
  readonly sid: string;
}

async function Cart() {
  const { items } = await askShop<{ readonly items: readonly CartItem[] }>('/cart');
  return <p id="cart">{items.map(({ product, quantity }) => `${quantity} × ${product}`).join(', ') || 'Empty'}</p>;
}

async function Review() {
  const { author, text } = await askShop<{ readonly author: string; readonly text: string }>('/drafts/teapot');
  return (
    <p id="review">
      Signed in as {author}. Your review of the teapot: {text || 'none yet'}
    </p>
  );
}

async function Devices() {
  const { sessions } = await askShop<{ readonly sessions: readonly Device[] }>('/auth/sessions');
  return <p id="devices">Signed in on {sessions.length} device(s)</p>;
}

/** Three components, each with a call of its own, all at once. */
export default function Shop() {
  return (
    <>
      <h1>The shop</h1>
      <Cart />
      <Review />
      <Devices />
      <form action={addTeapot}>
        <button>Add a teapot</button>
      </form>
      <form action={signOut}>
        <button>Sign out</button>
      </form>
    </>
  );
}
