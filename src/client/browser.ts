/*
 * The parts of a browser that are used, with the types they have there. Each may be missing: the same code runs in
 * Node, on phones and in workers. By hand, so that neither the library nor its users need the types of the DOM.
 */

/** `IDBRequest`. */
export interface DatabaseRequest<T> {
  readonly result: T;
  onsuccess: (() => void) | null;
  onerror: ((event: unknown) => void) | null;
}

interface ObjectStore {
  get(key: string): DatabaseRequest<unknown>;
  put(value: unknown, key: string): DatabaseRequest<unknown>;
  delete(key: string): DatabaseRequest<unknown>;
}

/** `IDBTransaction`. */
export interface Transaction {
  objectStore(name: string): ObjectStore;
  oncomplete: (() => void) | null;
  onabort: ((event: unknown) => void) | null;
}

/** `IDBDatabase`. */
export interface Database {
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: 'readwrite'): Transaction;
  close(): void;
}

export type Listener = (event: { readonly persisted?: boolean }) => unknown;

/** `EventTarget`. */
export interface Target {
  addEventListener?(name: string, listener: Listener): void;
  removeEventListener?(name: string, listener: Listener): void;
}

/** `BroadcastChannel`. */
export interface Channel extends Target {
  postMessage(message: unknown): void;
  /** Node's. */
  unref?(): void;
}

interface Browser extends Target {
  readonly document?: {
    readonly visibilityState: string;
    readonly baseURI: string;
    readonly documentElement: { readonly style: object };
  };
  readonly location?: { readonly href: string; reload(): void };
  readonly navigator?: {
    readonly product?: string;
    readonly locks?: {
      request<T>(name: string, options: { signal: AbortSignal }, work: () => Promise<T>): Promise<T>;
    };
  };
  readonly indexedDB?: {
    open(name: string): DatabaseRequest<Database> & { onupgradeneeded: (() => void) | null };
  };
  readonly localStorage?: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  readonly BroadcastChannel?: new (name: string) => Channel;
}

/** What runs this code, seen as a browser. Looked into at each use, since tests and phones add parts later. */
export const browser = globalThis as unknown as Browser;

/** The address of the page or worker; undefined elsewhere: on a phone Expo's `location` is its development server. */
export const address = (): string | undefined =>
  browser.document?.baseURI ?? (browser.navigator?.product === 'ReactNative' ? undefined : browser.location?.href);

/**
 * Whether there are pages or workers that share the storage. Node has `BroadcastChannel` and, from 24.5 on, Web Locks, but
 * its sessions are those of different users.
 */
export const hasTabs = (): boolean => address() !== undefined;

/**
 * How requests are sent that must not be redirected. Cloudflare's workers throw at `error`: there the answer is the redirect
 * itself, which nobody follows.
 */
export function withoutRedirects(): 'error' | 'manual' {
  try {
    void new Request('http://localhost', { redirect: 'error' });
    return 'error';
  } catch {
    return 'manual';
  }
}
