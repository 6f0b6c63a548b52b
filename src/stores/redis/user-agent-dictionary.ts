/**
 * What the user agents, names and client ids of ordinary devices are made of; the most usual last, where deflate
 * reaches it with the fewest bits. It is part of the stored format: a change makes stored details unreadable, so a
 * better one is a new format beside this one. That is also why the line with `"c"` stays, though the client is kept
 * elsewhere today: a stored device named "my android" may point into it. At most 2 KiB, the window of the deflater.
 */
export const USER_AGENT_DICTIONARY = [
  '"roles":["admin","user"],"scope":"openid profile email","h":{"roles":["user"]}',
  'okhttp/4.12.0 Dalvik/2.1.0 (Linux; U; Android 15; SM-S92 Build/) CFNetwork/ Darwin/ iOS/18 Instagram Postman ',
  '","c":"android"}","c":"mobile"}","c":"ios"}","c":"web"}',
  '{"n":"My work laptop phone tablet iPad MacBook Pro Galaxy S24 Pixel 9 Pro\'s iPhone',
  'Firefox on Safari on Edge on Linux on Android on macOS on Windows Chrome on Windows',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 OPR/124.0.0.0"}',
  'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}',
  'Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 FxiOS/',
  'Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36"}',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"}',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"}',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"}',
  'Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"}',
  '{"n":"","u":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"}',
].join('');
