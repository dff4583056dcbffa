import { randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';

/** As long as a sign-in may take, and what the person needs to find back to it. */
const COOKIE_SECONDS = 30 * 60;
const SECRET = /^[\w-]{43}$/;

export interface CookieReply {
  header(name: string, value: string): unknown;
  /** Express: adds to what is set already; Fastify's `header` does so by itself for `set-cookie`. */
  append?(name: string, value: string): unknown;
}

/**
 * Binds a sign-in to the browser that began it: an answer that another browser brings is worth nothing, however good its
 * session (RFC 9700 §4.7). `SameSite=Lax` lets it come along when the ATS sends the browser back; with https it is a
 * `__Host-` cookie, which no sister domain can plant.
 */
export class SignInCookie {
  readonly #secure: boolean;
  readonly #name: string;

  constructor(publicUrl: string) {
    this.#secure = publicUrl.startsWith('https:');
    this.#name = this.#secure ? '__Host-ats-sign-in' : 'ats-sign-in';
  }

  /** The browser's secret; an empty text, which belongs to no sign-in, when it brings none. */
  read(headers: Readonly<Record<string, unknown>>): string {
    const value = typeof headers.cookie === 'string' ? parseCookie(headers.cookie)[this.#name] : undefined;
    return value !== undefined && SECRET.test(value) ? value : '';
  }

  /** The browser's secret, a new one when it has none: sign-ins in two tabs share it. */
  issue(headers: Readonly<Record<string, unknown>>, reply: CookieReply): string {
    const secret = this.read(headers) || randomBytes(32).toString('base64url');
    const cookie = stringifySetCookie({
      name: this.#name,
      value: secret,
      httpOnly: true,
      sameSite: 'lax',
      secure: this.#secure,
      path: '/',
      maxAge: COOKIE_SECONDS,
    });
    if (reply.append === undefined) reply.header('set-cookie', cookie);
    else reply.append('set-cookie', cookie);
    return secret;
  }
}
