import { Sandbox, type SandboxOptions } from '../server/sandbox.js';
import { fakeSimulator } from './fake-simulator.js';

/** An answer, read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Loose on purpose: a spec names the fields it expects. */
  readonly json: ReturnType<typeof JSON.parse>;
}

/** A listening sandbox of fake vendors, each with one account, and short ways to call it. */
export async function startFakeSandbox(options: SandboxOptions = {}) {
  const sandbox = new Sandbox([fakeSimulator('greenhouse'), fakeSimulator('lever')], {
    accounts: [{ provider: 'greenhouse' }, { provider: 'lever' }],
    ...options,
  });
  const { url } = await sandbox.listen();
  const call = async (path: string, init: RequestInit = {}): Promise<Reply> =>
    read(await fetch(url + path, { redirect: 'manual', ...init }));
  return {
    sandbox,
    url,
    call,
    send: (method: string, path: string, body?: unknown) =>
      call(path, {
        method,
        ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
      }),
    form: (path: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
      call(path, { method: 'POST', headers, body: new URLSearchParams(fields) }),
    bearer: (token: string, path: string) => call(path, { headers: { Authorization: `Bearer ${token}` } }),
  };
}

/** Reads the one form of a consent page as a browser without scripts would. */
export function readForm(html: string) {
  const forms = [...html.matchAll(/<form method="post" action="([^"]*)">(.*?)<\/form>/gs)];
  const [form] = forms;
  if (forms.length !== 1 || form === undefined) throw new Error(`The page has ${forms.length} forms.`);
  const content = form[2] ?? '';
  const hidden = [...content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  const options = (name: string): readonly string[] => {
    const select = new RegExp(`<select[^>]* name="${name}"[^>]*>(.*?)</select>`, 's').exec(content)?.[1] ?? '';
    return [...select.matchAll(/<option value="([^"]*)"/g)].map((match) => match[1] ?? '');
  };
  return {
    action: form[1] ?? '',
    fields: Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')])),
    accounts: options('account'),
    users: options('user'),
    decisions: [...content.matchAll(/<button[^>]* name="decision"[^>]* value="([^"]*)"/g)].map((match) => match[1]),
  };
}

/** The header and the claims of a JSON Web Token. */
export function decodeToken(token: string) {
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return {
    header: JSON.parse(header ?? '') as Readonly<Record<string, unknown>>,
    claims: JSON.parse(claims ?? '') as Readonly<Record<string, unknown>>,
  };
}

async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}
