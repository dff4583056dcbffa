import { request } from 'undici';

/**
 * Goes through an ATS's sign-in without a browser: opens the page, fills in its form, approves. Returns the address to
 * which the ATS sends the browser back.
 */
export async function approve(authorizeUrl: string, account?: string): Promise<string> {
  const page = await request(authorizeUrl);
  const html = await page.body.text();
  if (page.statusCode >= 300 && page.statusCode < 400) return new URL(String(page.headers.location), authorizeUrl).href;
  if (page.statusCode !== 200)
    throw new Error(`The ATS refused the sign-in (HTTP ${page.statusCode}). Is the client registered with it?`);
  const action = new URL(attribute(/<form[^>]*>/i.exec(html)?.[0] ?? '', 'action') ?? '', authorizeUrl);
  const form = new URLSearchParams();
  for (const [tag] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/gi)) {
    const name = attribute(tag, 'name');
    if (name !== null) form.set(name, attribute(tag, 'value') ?? '');
  }
  if (account !== undefined) form.set('account', account);
  form.set('decision', 'approve');
  const answer = await request(action, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  await answer.body.dump();
  const { location } = answer.headers;
  if (typeof location !== 'string')
    throw new Error(`The ATS's consent page answered ${answer.statusCode} instead of sending the browser back.`);
  return new URL(location, action).href;
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
