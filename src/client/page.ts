import { browser, hasTabs, type Channel, type Listener, type Target } from './browser.js';

/** The page, or the worker, around a session. Outside of a browser there is none, and nothing happens. */
export interface Page {
  /** Hidden pages refresh by no timer, and neither does what is no page. */
  readonly isVisible: () => boolean;
  /** Tells the other tabs that something has changed, never what. */
  readonly tell: () => void;
  readonly leave: () => void;
}

/** `opacity` hides what has a `visibility` of its own, `visibility` a dialog; a transition would show both for a while. */
const COVERED = { opacity: '0', visibility: 'hidden', transition: 'none' };
const SHOWN = { opacity: '', visibility: '', transition: '' };

/** To the other tabs, and to workers, which have no document. */
function channelOf(name: string): Channel | undefined {
  const { BroadcastChannel } = browser;
  try {
    return hasTabs() && BroadcastChannel ? new BroadcastChannel(name) : undefined;
  } catch {
    // Firefox forbids it where it blocks all cookies: then there is no storage to share either.
    return undefined;
  }
}

/**
 * @param name of the session, the same in all tabs
 * @param current the session that the page shows
 * @param look is called when another tab has changed something, or the page has come back from somewhere
 * @param network is called when the device goes online or offline
 */
export function joinPage(
  name: string,
  blankOnRestore: boolean,
  current: () => string | undefined,
  look: () => Promise<unknown>,
  network: (online: boolean) => void,
): Page {
  const { document } = browser;
  const undo: (() => void)[] = [];
  let hasLeft = false;
  // Taken away one by one: where a test has jsdom and the rest from Node, neither listens with a signal of the other.
  const listen = (to: Target, event: string, listener: Listener) => {
    to.addEventListener!(event, listener);
    undo.push(() => to.removeEventListener!(event, listener));
  };
  const channel = channelOf(name);
  // Node, where a test has a document of jsdom, would wait for it at its end.
  channel?.unref?.();
  if (channel) listen(channel, 'message', look);
  if (document) {
    let shown: string | undefined;
    const { style } = document.documentElement;
    // At the window, which `visibilitychange` reaches as well.
    const on = (event: string, listener: Listener) => listen(browser, event, listener);
    on('visibilitychange', look);
    // A window that stayed in sight while the device slept gets no other event.
    on('focus', look);
    on('online', () => network(true));
    on('offline', () => network(false));
    on('pagehide', ({ persisted }) => {
      shown = current();
      // Hidden before it goes: on its way back the page is painted before any script runs.
      if (persisted && blankOnRestore) Object.assign(style, COVERED);
    });
    on('pageshow', async ({ persisted }) => {
      await look();
      if (!persisted || !blankOnRestore) return;
      if (shown === current()) Object.assign(style, SHOWN);
      else browser.location!.reload();
    });
  }
  return {
    isVisible: () => document?.visibilityState === 'visible' && !hasLeft,
    tell: () => channel?.postMessage(1),
    // The channel stays: what the session does after it the other tabs have to hear as well.
    leave() {
      hasLeft = true;
      for (const remove of undo.splice(0)) remove();
    },
  };
}
