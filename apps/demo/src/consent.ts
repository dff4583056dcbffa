import type { Browser } from './browser.js';

/**
 * Goes through an ATS's sign-in without a person: opens the page, fills in its form, approves. Returns the address to
 * which the ATS sends the browser back.
 */
export async function approve(browser: Browser, authorizeUrl: string, account?: string): Promise<string> {
  const page = await browser.open(authorizeUrl);
  if (page.location !== null) return page.location;
  if (page.status !== 200)
    throw new Error(`The ATS refused the sign-in (HTTP ${page.status}). Is the client registered with it?`);
  const action = new URL(attribute(/<form[^>]*>/i.exec(page.text)?.[0] ?? '', 'action') ?? '', authorizeUrl);
  const form = new URLSearchParams();
  for (const [tag] of page.text.matchAll(/<input[^>]*type="hidden"[^>]*>/gi)) {
    const name = attribute(tag, 'name');
    if (name !== null) form.set(name, attribute(tag, 'value') ?? '');
  }
  if (account !== undefined) form.set('account', account);
  form.set('decision', 'approve');
  const answer = await browser.submit(action, form);
  if (answer.location === null)
    throw new Error(`The ATS's consent page answered ${answer.status} instead of sending the browser back.`);
  return answer.location;
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  if (value === undefined) return null;
  return value
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
