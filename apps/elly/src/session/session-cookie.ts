import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../configuration/app-config.js';

export const SESSION_COOKIE = 'elly_session';
export const SESSION_SECONDS = 12 * 60 * 60;

/** Makes and reads the session cookie: `<user id>.<expires, seconds>.<signature>`. */
@Injectable()
export class SessionCookie {
  readonly #keys: readonly Buffer[];

  constructor(config: AppConfig) {
    // Derived, so that a signature gives nothing away about the key that seals credentials.
    this.#keys = config.encryptionKeys.map(({ secret }) =>
      Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64'), '', 'elly session cookie', 32)),
    );
  }

  issue(userId: string, now: Date): string {
    const body = `${userId}.${Math.floor(now.getTime() / 1000) + SESSION_SECONDS}`;
    return `${body}.${sign(body, this.#keys[0] as Buffer)}`;
  }

  /** The user's id, or null when the cookie is absent, altered or expired. */
  read(cookieHeader: unknown, now: Date): string | null {
    const value = cookieOf(cookieHeader);
    const [userId, expires, signature] = value?.split('.') ?? [];
    if (userId === undefined || expires === undefined || signature === undefined) return null;
    if (!this.#keys.some((key) => same(signature, sign(`${userId}.${expires}`, key)))) return null;
    return Number(expires) * 1000 > now.getTime() ? userId : null;
  }
}

function cookieOf(header: unknown): string | undefined {
  if (typeof header !== 'string') return undefined;
  const prefix = `${SESSION_COOKIE}=`;
  return header
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix))
    ?.slice(prefix.length);
}

function sign(body: string, key: Buffer): string {
  return createHmac('sha256', key).update(body).digest('base64url');
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
