import type { Browser } from '../../apps/demo/src/browser.js';
import type { EllyClient } from '../../apps/demo/src/elly-client.js';

export interface Begun {
  readonly connectionId: string;
  readonly authorizeUrl: string;
}

export function begin(person: EllyClient): Promise<Begun> {
  return person.send('POST', '/api/ats/connections', { provider: 'referee' });
}

export function beginAgain(person: EllyClient, connection: string): Promise<Begun> {
  return person.send('POST', `/api/ats/connections/${connection}/reconnect`);
}

/** A person at the authorization server: follows it wherever it leads, answers its form, and stops where it sends them back. */
export async function signIn(
  browser: Browser,
  authorizeUrl: string,
  answer: Readonly<Record<string, string>> = { decision: 'approve' },
): Promise<URL> {
  const { origin } = new URL(authorizeUrl);
  let address = authorizeUrl;
  let page = await browser.open(address);
  for (let step = 0; step < 10; step += 1) {
    if (page.location !== null) {
      address = page.location;
      if (new URL(address).origin !== origin) return new URL(address);
      page = await browser.open(address);
    } else {
      if (page.status !== 200) throw new Error(`The authorization server answered ${page.status}: ${page.text}`);
      page = await browser.submit(address, answer);
    }
  }
  throw new Error('The sign-in did not come to an end.');
}

/** From the click to the active connection, as `account` of the referee. */
export async function connect(person: EllyClient, account: string): Promise<string> {
  const { authorizeUrl } = await begin(person);
  const callback = await signIn(person.browser, authorizeUrl, { decision: 'approve', account });
  const end = await person.returnFrom(callback.href);
  const connection = end.get('connection');
  if (connection === null) throw new Error(end.get('message') ?? 'The connect came to nothing.');
  return connection;
}
