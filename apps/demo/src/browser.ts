import { CookieJar } from 'tough-cookie';
import { request } from 'undici';

export interface Opening {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Page {
  readonly status: number;
  /** Where it sends the browser, as an absolute address; null when it stays. */
  readonly location: string | null;
  readonly text: string;
}

/**
 * What a sign-in needs of a browser: it keeps each site's cookies and sends them back there alone. It does not follow
 * redirects; who drives it sees each of them.
 */
export class Browser {
  readonly #jar = new CookieJar();

  async open(address: string | URL, { method = 'GET', headers = {}, body }: Opening = {}): Promise<Page> {
    const url = String(address);
    const cookie = await this.#jar.getCookieString(url);
    const answer = await request(url, {
      method,
      headers: { ...headers, ...(cookie === '' ? {} : { cookie }) },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      await this.#jar.setCookie(line, url, { ignoreError: true });
    }
    const { location } = answer.headers;
    return {
      status: answer.statusCode,
      location: typeof location === 'string' ? new URL(location, url).href : null,
      text: await answer.body.text(),
    };
  }

  /** Sends a form as a person's click does. */
  submit(address: string | URL, fields: URLSearchParams | Readonly<Record<string, string>>): Promise<Page> {
    return this.open(address, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  }
}
